using System.IO.Compression;
using System.Text.Json;

namespace Ueq.Tests.Support;

/// <summary>Where the repository's fixtures and data are, found by walking up from the test program.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Fixtures => Path.Combine(Root, "fixtures");

    public static JsonElement Fixture(string file) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixtures, file))).RootElement;

    /// <summary>The tolerance that the manifest declares for a fixture.</summary>
    public static double Exactness(string file) => Fixture("manifest.json").GetProperty("fixtures").EnumerateArray()
        .Single(entry => entry.GetProperty("file").GetString() == file).GetProperty("exactness").GetDouble();

    public static Table Data(string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(Root, "data", name, "data.csv.gz"));
        using StreamReader text = new(new GZipStream(file, CompressionMode.Decompress));
        double[][] rows = [.. text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => line.Split(',').Select(cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture)).ToArray())];
        int columns = rows[0].Length - 1;
        return new Table(new FeatureMatrix(rows.SelectMany(row => row[..columns]).Select(v => (float)v).ToArray(), columns), [.. rows.Select(row => row[columns])]);
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Ueq.slnx"))) return at.FullName;
        throw new DirectoryNotFoundException($"No repository above {AppContext.BaseDirectory}.");
    }
}

/// <summary>Features and targets.</summary>
internal sealed record Table(FeatureMatrix X, double[] Y)
{
    public Table Pick(int[] rows) => new(X.Gather(rows), [.. rows.Select(i => Y[i])]);

    public (Table Train, Table Test) Divide(int train, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, X.Rows)];
        Rng rng = Rng.Stream(seed, 987);
        rng.Shuffle<int>(order);
        return (Pick(order[..train]), Pick(order[train..]));
    }

    /// <summary>y = 2 + Σ xⱼ(j + 1)/3 + noise, normal features and noise.</summary>
    public static Table Linear(int rows, int columns, double noise, ref Rng rng)
    {
        float[] x = new float[rows * columns];
        double[] y = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            double sum = 2;
            for (int j = 0; j < columns; j++) sum += (x[i * columns + j] = (float)rng.NextNormal()) * (j + 1) / 3.0;
            y[i] = sum + noise * rng.NextNormal();
        }

        return new Table(new FeatureMatrix(x, columns), y);
    }
}

internal static class Json
{
    public static double[] Numbers(this JsonElement array) => [.. array.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Null ? double.NaN : v.GetDouble())];

    public static double[] Numbers(this JsonElement parent, string name) => parent.GetProperty(name).Numbers();

    public static double[][] Rows(this JsonElement parent, string name) => [.. parent.GetProperty(name).EnumerateArray().Select(row => row.Numbers())];

    public static int[] Integers(this JsonElement parent, string name) => [.. parent.GetProperty(name).EnumerateArray().Select(v => v.GetInt32())];

    public static FeatureMatrix Matrix(this JsonElement parent, string name)
    {
        double[][] rows = parent.Rows(name);
        return new FeatureMatrix(rows.SelectMany(row => row).Select(v => (float)v).ToArray(), rows[0].Length);
    }
}
