using System.Runtime.InteropServices;

namespace Ueq.Testing;

/// <summary>What calibrated models keep from one coverage to the next.</summary>
internal static class LevelLaws
{
    private const string Nested = "a higher coverage never makes an answer smaller";
    private const string Honest = "the guarantee says what the answers are";
    private static readonly double[] _levels = [0.5, 0.8, 0.9, 0.95, 0.999];

    public static void Hold(IIntervalPredictor model, FeatureMatrix rows, PredictorPromises promises)
    {
        double[][]? before = null;
        foreach (double level in _levels)
        {
            Coverage coverage = new(level);
            Trial trial = new(Subject.At(model.GetType().Name, model, coverage), rows, promises);
            CheckPromise(trial, model.Features, coverage, model.Guarantee(coverage));
            ReadOnlySpan<Interval> now = MemoryMarshal.Cast<double, Interval>(trial.Reference[1]), lower = MemoryMarshal.Cast<double, Interval>(before is null ? [] : before[1]);
            for (int i = 0; i < now.Length; i++)
            {
                if (!model.Guarantee(coverage).IsBounded && now[i].IsBounded)
                    throw trial.Broken(Honest, $"asked at {coverage}", i, "an unbounded interval, as the guarantee says", now[i].ToString());
                if (before is null) continue;
                if (!before[0][i].Equals(trial.Reference[0][i]))
                    throw trial.Broken("the prediction does not depend on the coverage", $"asked at {coverage}", i, Throw.Say(before[0][i]), Throw.Say(trial.Reference[0][i]));
                if (!(now[i].Lower <= lower[i].Lower && lower[i].Upper <= now[i].Upper))
                    throw trial.Broken(Nested, $"asked at {coverage}", i, $"an interval around {lower[i]}", now[i].ToString());
            }

            before = trial.Reference;
        }
    }

    public static void Hold(ILabelSetPredictor model, FeatureMatrix rows, PredictorPromises promises)
    {
        double[][]? before = null;
        int words = LabelSet.WordsFor(model.Classes);
        foreach (double level in _levels)
        {
            Coverage coverage = new(level);
            Trial trial = new(Subject.At(model.GetType().Name, model, coverage), rows, promises);
            CheckPromise(trial, model.Features, coverage, model.Guarantee(coverage));
            ReadOnlySpan<ulong> now = MemoryMarshal.Cast<double, ulong>(trial.Reference[1]), lower = MemoryMarshal.Cast<double, ulong>(before is null ? [] : before[1]);
            for (int i = 0; i < now.Length; i++)
            {
                int row = i / words;
                int count = LabelSet.At(now, row, model.Classes).Count;
                if (!model.Guarantee(coverage).IsBounded && count != model.Classes)
                    throw trial.Broken(Honest, $"asked at {coverage}", row, "the set of all labels, as the guarantee says", $"{count} labels");
                if (before is not null && (lower[i] & ~now[i]) != 0)
                    throw trial.Broken(Nested, $"asked at {coverage}", row, $"the labels 0x{lower[i]:x} too", $"0x{now[i]:x}");
            }

            before = trial.Reference;
        }
    }

    private static void CheckPromise(Trial trial, int features, Coverage coverage, Guarantee guarantee)
    {
        AnswerLaws.Hold(trial);
        if (features != trial.Rows.Columns) throw trial.Broken(Honest, "asked for the number of features", null, $"{trial.Rows.Columns}", $"{features}");
        if (guarantee.Nominal != coverage) throw trial.Broken(Honest, "asked for the guarantee", null, $"{coverage}", $"{guarantee.Nominal}");
    }
}
