namespace Ueq.Testing;

/// <summary>What every predictor keeps, whatever it is made of.</summary>
/// <remarks>
/// A batch equals its rows one by one; a part of a larger matrix, a copy of it and rows that lie outside any array are answered the same;
/// no rows are legal; the order of the rows does not matter; the same call gives the same answer, also from several threads at once; the rows
/// stay as they are and nothing is written outside of the destinations; a destination of a wrong length and a wrong number of columns are an
/// <see cref="ArgumentException"/>, and the call after that works; answers are finite, sigmas positive, probabilities sum to 1; a row that no
/// model can judge (missing, infinite, enormous) is refused or answered with numbers. Calibrated shapes also nest: a higher coverage never
/// makes an answer smaller.
/// </remarks>
public static class PredictorLaws
{
    /// <summary>Holds all laws against every shape that the model has.</summary>
    /// <param name="model">Has one or more of the shapes, from <see cref="IPointPredictor"/> to <see cref="ILabelSetPredictor"/>.</param>
    /// <param name="rows">Four or more legal rows, the more different the better; a hundred will do.</param>
    /// <param name="promises">How exactly the model keeps the laws; <c>null</c>: to the last bit.</param>
    /// <exception cref="LawException">A law does not hold.</exception>
    /// <exception cref="ArgumentException">The model has none of the shapes, or the rows are too few or not legal.</exception>
    public static void Hold<TModel>(TModel model, FeatureMatrix rows, PredictorPromises? promises = null)
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(model);
        Throw.IfTooPlain(rows);
        promises ??= new PredictorPromises();
        promises.Validate();
        IReadOnlyList<Subject> subjects = Subject.Of(model);
        if (subjects.Count == 0) throw new ArgumentException($"Expected a model with a shape such as {nameof(IPointPredictor)}, got {model.GetType().Name} without any.", nameof(model));
        foreach (Subject subject in subjects)
        {
            Trial trial = new(subject, rows, promises);
            AnswerLaws.Hold(trial);
            RowLaws.Hold(trial);
            RefusalLaws.Hold(trial);
            ThreadLaws.Hold(trial);
        }

        if (model is IIntervalPredictor intervals) LevelLaws.Hold(intervals, rows, promises);
        if (model is ILabelSetPredictor sets) LevelLaws.Hold(sets, rows, promises);
    }
}
