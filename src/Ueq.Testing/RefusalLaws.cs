namespace Ueq.Testing;

/// <summary>Bad input is refused in words, and leaves no trace.</summary>
internal static class RefusalLaws
{
    private const string After = "the call after an error works";

    public static void Hold(Trial trial)
    {
        Lengths(trial);
        Columns(trial);
        Rows(trial);
    }

    private static void Lengths(Trial trial)
    {
        const string Law = "a destination of a wrong length is an ArgumentException";
        for (int o = 0; o < trial.Subject.Outputs.Count; o++)
        {
            Output output = trial.Subject.Outputs[o];
            int all = trial.Rows.Rows * output.PerRow;
            foreach (int more in new[] { -1, 1, -all, all }.Distinct())
            {
                string done = $"asked for {trial.Rows.Rows} rows with {all + more} places in {output.Name} instead of {all}";
                trial.Refuse(Law, done, trial.Rows, o, more);
                Again(trial, done);
            }

            trial.Refuse(Law, $"asked for no rows with a place in {output.Name}", trial.Rows.Slice(0, 0), o, 1);
        }
    }

    private static void Columns(Trial trial)
    {
        const string Law = "a wrong number of columns is an ArgumentException";
        foreach (int columns in new[] { trial.Rows.Columns + 1, trial.Rows.Columns - 1, 2 * trial.Rows.Columns }.Distinct().Where(c => c > 0))
        {
            float[] values = new float[trial.Rows.Rows * columns];
            for (int i = 0; i < values.Length; i++) values[i] = trial.Rows.Row(i / columns)[i % columns % trial.Rows.Columns];
            string done = $"asked for rows of {columns} columns instead of {trial.Rows.Columns}";
            trial.Refuse(Law, done, new FeatureMatrix(values, columns), -1, 0);
            Again(trial, done);
        }
    }

    /// <summary>Rows on which a model may have nothing to say, but then must say so.</summary>
    private static void Rows(Trial trial)
    {
        const string Law = "a row that cannot be judged is refused or answered with numbers";
        foreach ((string what, float value) in new[] { ("a missing value", float.NaN), ("an infinite value", float.PositiveInfinity), ("an enormous value", float.MaxValue) })
        {
            for (int column = 0; column < trial.Rows.Columns; column += Math.Max(1, trial.Rows.Columns - 1))
            {
                float[] values = trial.Rows.Values.ToArray();
                values[trial.Rows.Columns + column] = value;
                string done = $"asked with {what} in row 1, column {column}";
                double[][]? answers = Answer(trial, Law, done, new FeatureMatrix(values, trial.Rows.Columns));
                if (answers is not null) AnswerLaws.Hold(trial, Law, done, answers);
                Again(trial, done);
            }
        }
    }

    private static double[][]? Answer(Trial trial, string law, string done, FeatureMatrix x)
    {
        try
        {
            return trial.Answer(law, done, x);
        }
        catch (LawException broken) when (broken.InnerException is { } refusal && IsInWords(refusal, trial.Subject))
        {
            return null;
        }
        catch (LawException broken) when (broken.InnerException is { } fault)
        {
            throw trial.Broken(law, done, null, "an answer, an ArgumentException, an AssumptionException or an exception of the room's own", Trial.Say(fault), fault);
        }
    }

    private static bool IsInWords(Exception fault, Subject subject) =>
        fault is ArgumentException || fault.GetType().Assembly == typeof(AssumptionException).Assembly || fault.GetType().Assembly == subject.Home;

    private static void Again(Trial trial, string done) => trial.Same(After, done, trial.Answer(After, $"{done}, then for all rows", trial.Rows), i => i, 0);
}
