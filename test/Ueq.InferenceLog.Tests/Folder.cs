namespace Ueq.InferenceLog.Tests;

/// <summary>A directory of a test's own.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ueq-inference-log-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
