using Ueq.Bayesian;

namespace Ueq.Versions;

/// <summary>The stored models of one version, each read by its format.</summary>
internal sealed class StoredModels(
    string directory, Dictionary<string, byte[]> files, IReadOnlyList<StoredModel> models, IReadOnlyList<IPredictorFormat> formats)
{
    private static readonly BayesianLinearFormat _own = new();

    public int Count => models.Count;

    public IPointPredictor Point(int index) => Read(index, (format, stream) => format.LoadPoint(stream));

    public IClassPredictor Classes(int index) => Read(index, (format, stream) => format.LoadClasses(stream));

    public IPointPredictor[] Points()
    {
        IPointPredictor[] points = new IPointPredictor[Count];
        for (int i = 0; i < points.Length; i++) points[i] = Point(i);
        return points;
    }

    private T Read<T>(int index, Func<IPredictorFormat, Stream, T> read)
    {
        if (index >= models.Count) throw new ArgumentException($"Expected {index + 1} models or more, got {models.Count}.");
        StoredModel model = models[index] ?? throw new ArgumentException($"Expected a model at place {index}, got null.");
        string place = Path.Combine(directory, model.File);
        IPredictorFormat? format = model.Format == BayesianLinearFormat.FormatName ? _own : formats.FirstOrDefault(f => f.Name == model.Format);
        if (format is null)
        {
            string known = string.Join(", ", formats.Select(f => f.Name).Append(BayesianLinearFormat.FormatName));
            throw new InvalidDataException($"{place}: expected a format that this program reads ({known}), got '{model.Format}'.");
        }

        if (!files.TryGetValue(model.File, out byte[]? content)) throw new InvalidDataException($"{place}: the manifest does not name this file.");
        try
        {
            return read(format, new MemoryStream(content, writable: false));
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{place}: {error.Message}", error);
        }
    }
}
