using System.Runtime.InteropServices;

namespace Ueq.Testing;

/// <summary>What every single answer is.</summary>
internal static class AnswerLaws
{
    private const string Numbers = "answers are numbers that mean something";

    public static void Hold(Trial trial) => Hold(trial, Numbers, "asked for all rows", trial.Reference);

    public static void Hold(Trial trial, string law, string done, double[][] answers)
    {
        for (int o = 0; o < answers.Length; o++)
        {
            Output output = trial.Subject.Outputs[o];
            for (int row = 0; row * output.Width < answers[o].Length; row++)
            {
                ReadOnlySpan<double> values = answers[o].AsSpan(row * output.Width, output.Width);
                if (Fault(output, values, trial.Promises) is (string expected, string got)) throw trial.Broken(law, done, row, expected, got);
            }
        }
    }

    private static (string Expected, string Got)? Fault(Output output, ReadOnlySpan<double> values, PredictorPromises promises) => output.Kind switch
    {
        OutputKind.Number => double.IsFinite(values[0]) ? null : ($"a finite {output.Name}", Throw.Say(values[0])),
        OutputKind.Sigma => double.IsFinite(values[0]) && values[0] > 0 ? null : ($"a positive finite {output.Name}", Throw.Say(values[0])),
        OutputKind.Probability => Probabilities(values, promises.ProbabilityRounding),
        OutputKind.Interval => Interval(values),
        OutputKind.Band => Band(MemoryMarshal.Cast<double, Band>(values)[0]),
        _ => Words(MemoryMarshal.Cast<double, ulong>(values), output.Classes),
    };

    private static (string, string)? Probabilities(ReadOnlySpan<double> values, double rounding)
    {
        double sum = 0;
        foreach (double value in values)
        {
            if (!(value >= 0 && value <= 1)) return ("probabilities from 0 to 1", Throw.Say(value));
            sum += value;
        }

        return Math.Abs(sum - 1) <= rounding ? null : ("probabilities with the sum 1", $"the sum {Throw.Say(sum)}");
    }

    private static (string, string)? Interval(ReadOnlySpan<double> ends)
    {
        string got = $"({Throw.Say(ends[0])}, {Throw.Say(ends[1])})";
        if (double.IsNaN(ends[0]) || double.IsNaN(ends[1])) return ("ends that are numbers or infinite", got);
        return double.IsPositiveInfinity(ends[0]) || double.IsNegativeInfinity(ends[1]) ? ("a lower end below +∞ and an upper end above −∞", got) : null;
    }

    private static (string, string)? Band(Band band)
    {
        if (!(band.Scale > 0 && double.IsFinite(band.Scale))) return ("a positive finite scale", Throw.Say(band.Scale));
        bool ordered = band.Lower <= band.Upper && !double.IsPositiveInfinity(band.Lower) && !double.IsNegativeInfinity(band.Upper);
        return ordered ? null : ("a lower end that is not above the upper end", $"({Throw.Say(band.Lower)}, {Throw.Say(band.Upper)})");
    }

    private static (string, string)? Words(ReadOnlySpan<ulong> words, int classes)
    {
        int used = classes % 64;
        return used == 0 || words[^1] >> used == 0 ? null : ($"no label beyond the {classes} classes", $"the word 0x{words[^1]:x}");
    }
}
