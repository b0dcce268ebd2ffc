using Ueq.Bayesian;

namespace Ueq.Versions;

/// <summary>The stored models of one version, each read by its format.</summary>
internal sealed class StoredModels(
    string directory, IReadOnlyDictionary<string, byte[]> files, IReadOnlyList<StoredModel> models, IReadOnlyList<IPredictorFormat> formats)
{
    private static readonly BayesianLinearFormat _own = new();

    // An ensemble of ensembles is a model; a tower of them is an attack on the stack.
    private const int MostNested = 8;

    public int Count => models.Count;

    /// <summary>The model at a place, in the shape that the method needs.</summary>
    /// <exception cref="InvalidDataException">Its file is damaged, of an unknown format, or holds a model of another shape.</exception>
    public T Get<T>(int index)
        where T : class
    {
        if (index >= models.Count) throw new ArgumentException($"Expected {index + 1} models or more, got {models.Count}.");
        StoredModel model = models[index] ?? throw new ArgumentException($"Expected a model at place {index}, got null.");
        object read = Read(model, 0);
        return read as T ?? throw new InvalidDataException(
            $"{Path.Combine(directory, model.File ?? VersionFiles.Calibration)}: Expected {Shapes.Say<T>()} as '{model.Role}', got {read.GetType().Name}.");
    }

    public T[] GetAll<T>()
        where T : class
    {
        T[] all = new T[Count];
        for (int i = 0; i < all.Length; i++) all[i] = Get<T>(i);
        return all;
    }

    private object Read(StoredModel model, int depth)
    {
        if (depth > MostNested) throw new ArgumentException($"Expected at most {MostNested} assembled models within each other.");
        if (model.Parts is not { } parts) return ReadFile(model);
        object[] read = [.. parts.Select(part => Read(part ?? throw new ArgumentException($"Expected parts of '{model.Role}', got null."), depth + 1))];
        return Assemblies.Make(model.Format, read, model.Joint ?? new Joint());
    }

    private IStoredPredictor ReadFile(StoredModel model)
    {
        string file = model.File ?? throw new ArgumentException($"Expected a file or parts of the model '{model.Role}', got neither.");
        string place = Path.Combine(directory, file);
        IPredictorFormat? format = model.Format == BayesianLinearFormat.FormatName ? _own : formats.FirstOrDefault(f => f.Name == model.Format);
        if (format is null)
        {
            string known = string.Join(", ", formats.Select(f => f.Name).Append(BayesianLinearFormat.FormatName));
            throw new InvalidDataException($"{place}: expected a format that this program reads ({known}), got '{model.Format}'.");
        }

        if (!files.TryGetValue(file, out byte[]? content)) throw new InvalidDataException($"{place}: the manifest does not name this file.");
        try
        {
            return format.Load(new MemoryStream(content, writable: false));
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{place}: {error.Message}", error);
        }
    }
}
