using Ueq.Conformal;
using Ueq.Data;
using Ueq.Ensembles;
using Ueq.Monitoring;
using Ueq.Scoring;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>Fits a model and writes it as a version with its manifest and drift reference.</summary>
internal static class Publishing
{
    public static Manifest FitAndPublish(
        Plan plan, Dataset rows, FitSettings settings, string directory, IProgress<double>? progress, CancellationToken cancellation)
    {
        Trained trained = Training.Fit(plan, rows.X, rows.Y, rows.Classes?.Count ?? 0, settings, progress, cancellation);
        Guarantee guarantee = trained.Regressor?.Guarantee(default) ?? trained.Classifier!.Guarantee(default);
        Held held = Held.Of(trained, rows);
        Dictionary<string, double> metrics = new()
        {
            ["n_rows"] = rows.X.Rows,
            ["n_calibration"] = guarantee.Count,
            ["fit_seconds"] = trained.Seconds,
        };
        // JSON has no infinity: a width that is unbounded is told by the guarantee.
        foreach ((string name, double value) in held.Metrics.Where(metric => double.IsFinite(metric.Value))) metrics[name] = value;
        Manifest manifest = new()
        {
            Task = plan.Task,
            Method = plan.IsFitted && trained.Regressor is { } fitted ? ModelInfo.Of(fitted).Method : plan.Method,
            Model = ModelNames.Shown(plan.Model),
            Target = rows.TargetName,
            Columns = rows.Schema.Columns,
            SchemaDigest = rows.Schema.Digest,
            Classes = rows.Classes,
            Created = TimeProvider.System.GetUtcNow(),
            Seed = settings.Seed,
            Guarantee = ManifestGuarantee.From(guarantee),
            Metrics = metrics,
        };
        using MemoryStream reference = new();
        DriftReference.From(rows.Schema, held.X, held.Predictions, held.Sizes, held.Scores, held.Times).Save(reference);
        ReadOnlyMemory<byte> bytes = reference.ToArray(), estimator = Estimating.Learn(trained, held);
        cancellation.ThrowIfCancellationRequested();
        return trained.Regressor is { } regressor
            ? VersionDirectory.Publish(directory, manifest, regressor, bytes, estimator)
            : VersionDirectory.Publish(directory, manifest, trained.Classifier!, bytes, estimator);
    }

    /// <summary>Makes a version that is kept in memory only: its directory is gone when it is loaded.</summary>
    public static ModelVersion FitInPassing(Plan plan, Dataset rows, FitSettings settings, IProgress<double>? progress, CancellationToken cancellation)
    {
        string passing = Directory.CreateTempSubdirectory("ueq-").FullName;
        try
        {
            string directory = Path.Combine(passing, "version");
            FitAndPublish(plan, rows, settings, directory, progress, cancellation);
            return VersionDirectory.Load(directory, Formats.All);
        }
        finally
        {
            Directory.Delete(passing, recursive: true);
        }
    }

    /// <summary>The name of a task or guarantee as it is written in JSON.</summary>
    public static string Name<T>(T value) where T : struct, Enum =>
        System.Text.Json.JsonSerializer.Serialize(value).Trim('"');

    /// <summary>The guarantee in one line for people.</summary>
    public static string Promise(ManifestGuarantee guarantee) => guarantee.Kind switch
    {
        GuaranteeKind.SplitConformal or GuaranteeKind.JackknifePlus when guarantee.Rank > guarantee.Count =>
            $"at {guarantee.Nominal:0.##%} answers are unbounded: calibration rows are too few ({guarantee.Count})",
        GuaranteeKind.SplitConformal => $"at {guarantee.Nominal:0.##%} the threshold is score {guarantee.Rank} of {guarantee.Count}: expected coverage at least {guarantee.Proven:0.##%} on exchangeable rows",
        GuaranteeKind.JackknifePlus => $"at {guarantee.Nominal:0.##%}: about {guarantee.Nominal:0.##%} in practice, {guarantee.Proven:0.##%} proven, on exchangeable rows ({guarantee.Count} rows judge)",
        GuaranteeKind.ModelIsRight => $"at {guarantee.Nominal:0.##%}: delivered if the mean is linear and the noise Gaussian with one variance",
        _ => "no promise",
    };
}

/// <summary>Rows and answers that stand for future ones: what the drift reference and the manifest's figures are made from.</summary>
/// <remarks>Rows that trained a model flatter it; split methods use the calibration rows and a bootstrap the out-of-bag predictions.</remarks>
internal sealed record Held(FeatureMatrix X, double[] Predictions, double[] Sizes, double[] Scores, DateTimeOffset[] Times, IReadOnlyList<(string Name, double Value)> Metrics)
{
    /// <summary>The truths.</summary>
    public double[] Y { get; init; } = [];

    /// <summary>Rows × classes; empty of a regression.</summary>
    public double[] Probabilities { get; init; } = [];

    public static Held Of(Trained trained, Dataset rows)
    {
        int[]? chosen = trained.Calibrating;
        FeatureMatrix x = chosen is null ? rows.X : rows.X.Gather(chosen);
        double[] y = chosen is null ? rows.Y : SplitRows.Pick(rows.Y, chosen);
        DateTimeOffset[] times = chosen is null || rows.Times.Count == 0 ? [.. rows.Times] : [.. chosen.Select(row => rows.Times[row])];
        return (trained.Regressor is { } regressor ? OfRegressor(regressor, x, y, chosen is not null) : OfClassifier(trained.Classifier!, x, y)) with { Times = times, Y = y };
    }

    private static Held OfRegressor(IIntervalPredictor model, FeatureMatrix x, double[] y, bool isSplit)
    {
        double[] predictions = new double[x.Rows];
        Interval[] intervals = new Interval[x.Rows];
        model.Predict(x, default, predictions, intervals);
        string where = isSplit ? "calibration" : "training";
        if (model is JackknifeAfterBootstrap after)
        {
            double[] outOfBag = new double[x.Rows];
            after.PredictOutOfBag(x, outOfBag);
            // A row that every member saw has none; with few members the members' mean stands in.
            for (int i = 0; i < outOfBag.Length; i++)
                if (!double.IsNaN(outOfBag[i])) predictions[i] = outOfBag[i];
            where = "out_of_bag";
        }

        return new Held(x, predictions, [.. intervals.Select(interval => interval.Width)], ScoresOf(model, predictions, intervals, y), [],
            [($"rmse_{where}", PointScores.RootMeanSquaredError(predictions, y)), ("mean_width", intervals.Average(interval => interval.Width))]);
    }

    // The interval that a bootstrap makes of a row it was trained on lies about the members' mean, which has seen the row: about the
    // out-of-bag prediction it is what future rows get.
    private static double[] ScoresOf(IIntervalPredictor model, double[] predictions, Interval[] intervals, double[] y)
    {
        double[] scores = new double[y.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            Interval interval = intervals[i];
            double move = model is JackknifeAfterBootstrap && interval.IsBounded ? predictions[i] - (interval.Lower + interval.Width / 2) : 0;
            scores[i] = LabelScore.Of(new Interval(interval.Lower + move, interval.Upper + move), y[i]);
        }

        return scores;
    }

    private static Held OfClassifier(ILabelSetPredictor model, FeatureMatrix x, double[] y)
    {
        double[] probabilities = new double[x.Rows * model.Classes], tops = new double[x.Rows], sizes = new double[x.Rows];
        ulong[] sets = new ulong[x.Rows * LabelSet.WordsFor(model.Classes)];
        model.Predict(x, default, probabilities, sets);
        for (int i = 0; i < x.Rows; i++)
        {
            tops[i] = LabelSetScores.Top(probabilities.AsSpan(i * model.Classes, model.Classes));
            sizes[i] = LabelSet.At(sets, i, model.Classes).Count;
        }

        LabelSetReading reading = LabelSetScores.Read(sets, probabilities, model.Classes, [.. y.Select(label => (int)label)]);
        double[] scores = [.. y.Select((label, i) => LabelSet.At(sets, i, model.Classes).Contains((int)label) ? LabelScore.Inside : LabelScore.Missed)];
        return new Held(x, tops, sizes, scores, [], [("accuracy_calibration", reading.Accuracy), ("mean_set_size", reading.MeanSetSize)]) { Probabilities = probabilities };
    }
}
