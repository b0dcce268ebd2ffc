using System.Text.Json;
using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;

namespace Ueq.Versions;

/// <summary>What a calibrated model is made of on disk: the one place that takes methods apart and puts them together.</summary>
internal sealed class VersionContent
{
    private readonly CalibrationFile _calibration;
    private readonly IReadOnlyList<IStoredPredictor> _models;

    private VersionContent(string kind, int features, IReadOnlyList<(string Role, object Model)> models, Func<CalibrationFile, CalibrationFile> add)
    {
        _models = [.. models.Select(m => m.Model as IStoredPredictor
            ?? throw new ArgumentException($"Expected a model that can be stored (IStoredPredictor), got {m.Model.GetType().Name} as {m.Role}.", nameof(models)))];
        StoredModel[] stored = [.. models.Select((m, i) => new StoredModel(m.Role, $"{VersionFiles.Models}{m.Role}.{_models[i].Format}", _models[i].Format))];
        _calibration = add(new CalibrationFile { Kind = kind, Features = features, Models = stored });
    }

    public static VersionContent Of(IIntervalPredictor model) => model switch
    {
        ConformalRegressor { Model: PointBands bands } split => new(CalibrationFile.Split, split.Features, [("point", bands.Model)],
            file => file with { Scores = Nullable(split.Calibration.Scores) }),
        ConformalRegressor { Model: NormalisedBands bands } split => new(CalibrationFile.Split, split.Features,
            [("point", bands.Model), ("difficulty", bands.Difficulty)],
            file => file with { Scores = Nullable(split.Calibration.Scores), Floor = bands.Floor }),
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
        for (int i = 0; i < _models.Count; i++) file(_calibration.Models[i].File, _models[i].Save);
        file(VersionFiles.Calibration, stream => JsonSerializer.Serialize(stream, _calibration, VersionJson.Default.CalibrationFile));
    }

    public static ModelVersion Make(
        string directory, Manifest manifest, Dictionary<string, byte[]> files, IReadOnlyList<IPredictorFormat> formats, string digest)
    {
        string place = Path.Combine(directory, VersionFiles.Calibration);
        CalibrationFile file = VersionDirectory.Read(files[VersionFiles.Calibration], VersionJson.Default.CalibrationFile, place);
        byte[] reference = files.GetValueOrDefault(VersionFiles.Reference, []);
        StoredModels models = new(directory, files, file.Models, formats);
        if (manifest.Task == ModelTask.Regression)
        {
            IIntervalPredictor model = OfFile(place, () => Regressor(file, models));
            OfFile(Path.Combine(directory, VersionFiles.Manifest), () => Agreement.Check(manifest, model));
            return new ModelVersion(manifest, model, reference, digest);
        }

        ILabelSetPredictor classifier = OfFile(place, () => Classifier(file, models));
        OfFile(Path.Combine(directory, VersionFiles.Manifest), () => Agreement.Check(manifest, classifier));
        return new ModelVersion(manifest, classifier, reference, digest);
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
        CalibrationFile.Split => new ConformalRegressor(
            file.Floor is { } floor ? new NormalisedBands(models.Point(0), models.Point(1), floor) : new PointBands(models.Point(0)),
            IntervalCalibration.FromScores(Numbers(file)), file.Features),
        CalibrationFile.AfterBootstrap => AfterBootstrap(file, models),
        CalibrationFile.Bayesian => models.Point(0) as BayesianLinearRegression
            ?? throw new ArgumentException($"Expected a model of format {BayesianLinearFormat.FormatName}."),
        _ => throw new ArgumentException($"Expected a kind of regression that this version of ueq knows, got '{file.Kind}'."),
    };

    private static ConformalClassifier Classifier(CalibrationFile file, StoredModels models)
    {
        if (file.Kind != CalibrationFile.Labels) throw new ArgumentException($"Expected a kind of classification that this version of ueq knows, got '{file.Kind}'.");
        IClassPredictor model = models.Classes(0);
        return new ConformalClassifier(model, LabelSetCalibration.FromScores(Numbers(file), model.Classes), file.Features, file.Empty ?? EmptySets.TopLabel);
    }

    private static JackknifeAfterBootstrap AfterBootstrap(CalibrationFile file, StoredModels models)
    {
        double[] residuals = [.. (file.Scores ?? []).Select(score => score ?? double.PositiveInfinity)];
        return new JackknifeAfterBootstrap(
            new BootstrapEnsemble(models.Points(), file.Features), new Bags(residuals.Length, models.Count, file.Bags ?? []), residuals);
    }

    private static double[] Numbers(CalibrationFile file) => [.. (file.Scores ?? []).Select(score => score ?? double.NaN)];

    private static double?[] Nullable(ReadOnlySpan<double> scores)
    {
        double?[] result = new double?[scores.Length];
        for (int i = 0; i < result.Length; i++) result[i] = double.IsFinite(scores[i]) ? scores[i] : null;
        return result;
    }
}
