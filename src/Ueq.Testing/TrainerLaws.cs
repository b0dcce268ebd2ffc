namespace Ueq.Testing;

/// <summary>What every trainer keeps.</summary>
/// <remarks>
/// The same rows and seed give the same model, fitted again, on another number of threads, or while another fit runs; rows and targets stay as
/// they are; no rows, a target too few and a target that is not a number are an <see cref="ArgumentException"/> or an
/// <see cref="AssumptionException"/>, and the fit after that works.
/// </remarks>
public static class TrainerLaws
{
    private const ulong Seed = 11;
    private const string SameSeed = "the same rows and seed give the same model";
    private const string Refused = "targets that cannot be learned are refused";

    /// <summary>Holds all laws but that of threads.</summary>
    /// <param name="trainer">Fits models that have one or more of the shapes.</param>
    /// <param name="x">Rows that it can be fitted on.</param>
    /// <param name="y">Their targets.</param>
    /// <exception cref="LawException">A law does not hold.</exception>
    /// <exception cref="ArgumentException">The rows are too few or not legal.</exception>
    public static void Hold<TModel>(ITrainer<TModel> trainer, FeatureMatrix x, ReadOnlySpan<double> y)
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(trainer);
        Throw.IfTooPlain(x);
        double[] targets = y.ToArray();
        double[][][] first = Fit(trainer, x, targets, SameSeed, "fitted");
        Same(trainer, SameSeed, "fitted twice", first, Fit(trainer, x, targets, SameSeed, "fitted twice"));
        Refuse(trainer, x.Slice(0, 0), [], "fitted on no rows");
        Refuse(trainer, x, targets[1..], "fitted on a target too few");
        Refuse(trainer, x, [.. targets, targets[0]], "fitted on a target too many");
        foreach (double wrong in new[] { double.NaN, double.PositiveInfinity })
        {
            double[] wrongly = [.. targets];
            wrongly[^1] = wrong;
            Refuse(trainer, x, wrongly, $"fitted on the target {Throw.Say(wrong)}");
        }

        Same(trainer, "the fit after an error works", "fitted again", first, Fit(trainer, x, targets, SameSeed, "fitted after errors"));
        ThreadLaws.AtOnce(2, _ => Same(trainer, SameSeed, "fitted on two threads at once", first, Fit(trainer, x, targets, SameSeed, "fitted on two threads at once")));
    }

    /// <summary>Holds that two trainers, which differ in their number of threads only, fit the same model.</summary>
    /// <exception cref="LawException">They do not.</exception>
    public static void HoldAcrossThreads<TModel>(ITrainer<TModel> one, ITrainer<TModel> several, FeatureMatrix x, ReadOnlySpan<double> y)
        where TModel : class
    {
        const string Law = "the model does not depend on the number of threads";
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(several);
        Throw.IfTooPlain(x);
        double[] targets = y.ToArray();
        Same(one, Law, "fitted on several threads", Fit(one, x, targets, Law, "fitted on one thread"), Fit(several, x, targets, Law, "fitted on several threads"));
    }

    /// <summary>The answers of the fitted model to its own rows, per shape and output: what two models are compared by.</summary>
    private static double[][][] Fit<TModel>(ITrainer<TModel> trainer, FeatureMatrix x, double[] y, string law, string done)
        where TModel : class
    {
        float[] rows = x.Values.ToArray();
        double[] targets = [.. y];
        TModel model;
        try
        {
            model = trainer.Fit(x, y, Seed);
        }
        catch (Exception fault)
        {
            throw new LawException(law, Name(trainer), done, null, "a model", Trial.Say(fault), fault);
        }

        using IDisposable? owned = model as IDisposable;
        const string Unchanged = "it leaves rows and targets as they are";
        if (!rows.AsSpan().SequenceEqual(x.Values)) throw new LawException(Unchanged, Name(trainer), done, null, "the same rows", "others");
        if (!targets.AsSpan().SequenceEqual(y)) throw new LawException(Unchanged, Name(trainer), done, null, "the same targets", "others");
        IReadOnlyList<Subject> subjects = Subject.Of(model);
        if (subjects.Count == 0) throw new LawException("it fits a model with a shape", Name(trainer), done, null, $"a model such as {nameof(IPointPredictor)}", model.GetType().Name);
        return [.. subjects.Select(subject => new Trial(subject, x, new PredictorPromises()).Reference)];
    }

    private static void Same<TModel>(ITrainer<TModel> trainer, string law, string done, double[][][] expected, double[][][] got)
    {
        for (int s = 0; s < expected.Length; s++)
        {
            for (int o = 0; o < expected[s].Length; o++)
            {
                int at = expected[s][o].AsSpan().CommonPrefixLength(got[s][o]);
                if (at == expected[s][o].Length) continue;
                throw new LawException(law, Name(trainer), done, null, $"the answer {Throw.Say(expected[s][o][at])} in place {at}", Throw.Say(got[s][o][at]));
            }
        }
    }

    private static void Refuse<TModel>(ITrainer<TModel> trainer, FeatureMatrix x, double[] y, string done)
    {
        try
        {
            using IDisposable? model = trainer.Fit(x, y, Seed) as IDisposable;
        }
        catch (Exception fault) when (fault is ArgumentException or AssumptionException)
        {
            return;
        }
        catch (Exception fault)
        {
            throw new LawException(Refused, Name(trainer), done, null, "an ArgumentException or an AssumptionException", Trial.Say(fault), fault);
        }

        throw new LawException(Refused, Name(trainer), done, null, "an ArgumentException or an AssumptionException", "a model");
    }

    private static string Name<TModel>(ITrainer<TModel> trainer) => trainer.GetType().Name;
}
