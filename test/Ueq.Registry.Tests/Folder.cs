using System.Text;
using Ueq.Bayesian;
using Ueq.Versions;

namespace Ueq.Registry.Tests;

/// <summary>A folder with a registry and with versions to publish, gone after the test.</summary>
internal sealed class Folder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ueq-registry-");

    public string Path => _folder.FullName;

    public string Registry => this["registry"];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public ModelRegistry Open() => Open(Registry);

    public static ModelRegistry Open(string registry) => ModelRegistry.Open(registry, [], TimeProvider.System);

    /// <summary>A version whose model adds up its two features and <paramref name="number"/>; its drift reference is the same for all.</summary>
    public string Version(int number) => Version(this[$"version-{number}"], number);

    public static string Version(string place, int number)
    {
        if (Directory.Exists(place)) return place;
        FeatureSchema schema = FeatureSchema.Numeric(2);
        float[] x = new float[40];
        double[] y = new double[20];
        Rng rng = Rng.Stream(5, 0);
        for (int i = 0; i < y.Length; i++)
        {
            (x[2 * i], x[2 * i + 1]) = ((float)rng.NextUniform(), (float)rng.NextUniform());
            y[i] = x[2 * i] + x[2 * i + 1] + number + 0.01 * rng.NextUniform();
        }

        BayesianLinearRegression model = BayesianLinearRegression.Fit(new FeatureMatrix(x, 2), y);
        VersionDirectory.Publish(place, new Manifest
        {
            Task = ModelTask.Regression,
            Method = "bayesian_linear",
            Model = "none",
            Target = "y",
            Columns = schema.Columns,
            SchemaDigest = schema.Digest,
            Created = DateTimeOffset.UnixEpoch,
            Seed = (ulong)number,
            Guarantee = ManifestGuarantee.From(model.Guarantee(default)),
        }, model, Encoding.UTF8.GetBytes("{\"drift\":\"the same of all versions\"}"));
        return place;
    }

    /// <summary>Which number a loaded model of <see cref="Version(int)"/> adds.</summary>
    public static int Number(ModelVersion version)
    {
        double[] prediction = new double[1];
        version.Regressor!.Predict(new FeatureMatrix(new float[2], 2), default, prediction, new Interval[1]);
        return (int)Math.Round(prediction[0]);
    }

    public static string[] Below(string directory) => Directory.Exists(directory)
        ? [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
        : [];

    public void Dispose() => _folder.Delete(recursive: true);
}
