using System.Text.Json;
using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;

namespace Ueq.Versions;

/// <summary>What a calibrated model is made of on disk: the one place that takes methods apart and puts them together.</summary>
internal sealed class VersionContent
{
    private readonly CalibrationFile _calibration;
    private readonly List<(string File, IStoredPredictor Model)> _files = [];

    private VersionContent(string kind, int features, IReadOnlyList<(string Role, object Model)> models, Func<CalibrationFile, CalibrationFile> add)
    {
        StoredModel[] stored = [.. models.Select(m => Describe(m.Role, m.Role, m.Model))];
        _calibration = add(new CalibrationFile { Kind = kind, Features = features, Models = stored });
    }

    // The path joins the roles on the way to a part, so that each file has a name of its own.
    private StoredModel Describe(string role, string path, object model)
    {
        if (model is IAssembledPredictor whole)
        {
            Assembled assembled = whole.TakeApart();
            return new StoredModel(role, assembled.Kind)
            {
                Parts = [.. assembled.Parts.Select(part => Describe(part.Role, $"{path}-{part.Role}", part.Model))],
                Joint = assembled.Joint,
            };
        }

        IStoredPredictor stored = model as IStoredPredictor
            ?? throw new ArgumentException($"Expected a model that can be stored (IStoredPredictor), got {model.GetType().Name} as {path}.", nameof(model));
        string file = $"{VersionFiles.Models}{path}.{stored.Format}";
        _files.Add((file, stored));
        return new StoredModel(role, stored.Format) { File = file };
    }

    public static VersionContent Of(IIntervalPredictor model) => model switch
    {
        ConformalRegressor { Model: PointBands bands } split => new(CalibrationFile.Split, split.Features, [("point", bands.Model)],
            file => file with { Scores = Nullable(split.Calibration.Scores) }),
        ConformalRegressor { Model: NormalisedBands bands } split => new(CalibrationFile.Split, split.Features,
            [("point", bands.Model), ("difficulty", bands.Difficulty)],
            file => file with { Scores = Nullable(split.Calibration.Scores), Floor = bands.Floor }),
        ConformalRegressor { Model: QuantileBands bands } split => new(CalibrationFile.Split, split.Features, [("quantiles", bands.Model)],
            file => file with { Scores = Nullable(split.Calibration.Scores), Bands = StoredBands.Quantile }),
        ConformalRegressor { Model: GaussianBands bands } split => new(CalibrationFile.Split, split.Features, [("gaussian", bands.Model)],
            file => file with { Scores = Nullable(split.Calibration.Scores), Bands = StoredBands.Gaussian }),
        JackknifeAfterBootstrap after => new(CalibrationFile.AfterBootstrap, after.Features,
            [.. after.Ensemble.Members.Select((m, i) => ($"member-{i:0000}", (object)m))],
            file => file with { Scores = Nullable(after.Residuals), Bags = after.Bags.Bits.ToArray() }),
        BayesianLinearRegression bayesian => new(CalibrationFile.Bayesian, bayesian.Features, [("point", bayesian)], file => file),
        null => throw new ArgumentNullException(nameof(model)),
        _ => throw new ArgumentException($"Expected a method that can be stored, got {model.GetType().Name}.", nameof(model)),
    };

    public static VersionContent Of(ILabelSetPredictor model) => model switch
    {
        ConformalClassifier split => new(CalibrationFile.Labels, split.Features, [("classes", split.Model)],
            file => file with { Scores = Nullable(split.Calibration.Scores), Empty = split.Empty }),
        null => throw new ArgumentNullException(nameof(model)),
        _ => throw new ArgumentException($"Expected a method that can be stored, got {model.GetType().Name}.", nameof(model)),
    };

    public void Write(Action<string, Action<Stream>> file)
    {
        foreach ((string place, IStoredPredictor model) in _files) file(place, model.Save);
        file(VersionFiles.Calibration, stream => JsonSerializer.Serialize(stream, _calibration, VersionJson.Default.CalibrationFile));
    }

    public static ModelVersion Make(
        string directory, Manifest manifest, IReadOnlyDictionary<string, byte[]> files, IReadOnlyList<IPredictorFormat> formats, string digest)
    {
        string place = Path.Combine(directory, VersionFiles.Calibration);
        CalibrationFile file = VersionDirectory.Read(files[VersionFiles.Calibration], VersionJson.Default.CalibrationFile, place);
        byte[] reference = files.GetValueOrDefault(VersionFiles.Reference, []), estimator = files.GetValueOrDefault(VersionFiles.Estimator, []);
        StoredModels models = new(directory, files, file.Models, formats);
        if (manifest.Task == ModelTask.Regression)
        {
            IIntervalPredictor model = OfFile(place, () => Regressor(file, models));
            OfFile(Path.Combine(directory, VersionFiles.Manifest), () => Agreement.Check(manifest, model));
            return new ModelVersion(manifest, model, reference, digest) { Estimator = estimator };
        }

        ILabelSetPredictor classifier = OfFile(place, () => Classifier(file, models));
        OfFile(Path.Combine(directory, VersionFiles.Manifest), () => Agreement.Check(manifest, classifier));
        return new ModelVersion(manifest, classifier, reference, digest) { Estimator = estimator };
    }

    private static void OfFile(string place, Action check) => OfFile(place, () =>
    {
        check();
        return true;
    });

    // Every number came out of this file: a check that fails says that the file is wrong.
    private static T OfFile<T>(string place, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{place}: {error.Message}", error);
        }
    }

    private static IIntervalPredictor Regressor(CalibrationFile file, StoredModels models) => file.Kind switch
    {
        CalibrationFile.Split => new ConformalRegressor(Bands(file, models), IntervalCalibration.FromScores(Numbers(file)), file.Features),
        CalibrationFile.AfterBootstrap => AfterBootstrap(file, models),
        CalibrationFile.Bayesian => models.Get<IPointPredictor>(0) as BayesianLinearRegression
            ?? throw new ArgumentException($"Expected a model of format {BayesianLinearFormat.FormatName}."),
        _ => throw new ArgumentException($"Expected a kind of regression that this version of ueq knows, got '{file.Kind}'."),
    };

    private static IBandPredictor Bands(CalibrationFile file, StoredModels models) => file switch
    {
        { Bands: StoredBands.Quantile } => new QuantileBands(models.Get<IQuantilePredictor>(0)),
        { Bands: StoredBands.Gaussian } => new GaussianBands(models.Get<IGaussianPredictor>(0)),
        { Floor: { } floor } => new NormalisedBands(models.Get<IPointPredictor>(0), models.Get<IPointPredictor>(1), floor),
        _ => new PointBands(models.Get<IPointPredictor>(0)),
    };

    private static ConformalClassifier Classifier(CalibrationFile file, StoredModels models)
    {
        if (file.Kind != CalibrationFile.Labels) throw new ArgumentException($"Expected a kind of classification that this version of ueq knows, got '{file.Kind}'.");
        IClassPredictor model = models.Get<IClassPredictor>(0);
        return new ConformalClassifier(model, LabelSetCalibration.FromScores(Numbers(file), model.Classes), file.Features, file.Empty ?? EmptySets.TopLabel);
    }

    private static JackknifeAfterBootstrap AfterBootstrap(CalibrationFile file, StoredModels models)
    {
        double[] residuals = [.. (file.Scores ?? []).Select(score => score ?? double.PositiveInfinity)];
        return new JackknifeAfterBootstrap(
            new BootstrapEnsemble(models.GetAll<IPointPredictor>(), file.Features), new Bags(residuals.Length, models.Count, file.Bags ?? []), residuals);
    }

    private static double[] Numbers(CalibrationFile file) => [.. (file.Scores ?? []).Select(score => score ?? double.NaN)];

    private static double?[] Nullable(ReadOnlySpan<double> scores)
    {
        double?[] result = new double?[scores.Length];
        for (int i = 0; i < result.Length; i++) result[i] = double.IsFinite(scores[i]) ? scores[i] : null;
        return result;
    }
}
