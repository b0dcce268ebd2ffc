namespace Ueq.Versions;

/// <summary>A model that can write itself into one file of a model version.</summary>
public interface IStoredPredictor
{
    /// <summary>Name of the <see cref="IPredictorFormat"/> that reads the file, such as <c>mlnet</c>.</summary>
    string Format { get; }

    /// <summary>Writes the model. The stream need not seek.</summary>
    void Save(Stream destination);
}

/// <summary>How the models of one framework are read back. An adapter room has one; the host hands them to the loader.</summary>
/// <remarks>
/// A format runs no code that the file brings. The exception is a format of files that are programs, such as TorchScript: it says so, and a host
/// hands it to the loader only for versions that it trusts. A file it cannot read is an <see cref="InvalidDataException"/>.
/// </remarks>
public interface IPredictorFormat
{
    /// <summary>The name that <see cref="IStoredPredictor.Format"/> states.</summary>
    string Name { get; }

    /// <summary>Reads a model: what it is for is told by the shapes it implements, such as <see cref="IPointPredictor"/>.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or of another kind.</exception>
    IStoredPredictor Load(Stream source);
}
