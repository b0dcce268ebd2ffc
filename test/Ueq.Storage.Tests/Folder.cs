namespace Ueq.Storage.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class Folder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ueq-storage-");

    public string Path => _folder.FullName;

    public string Store => this["ueq.db"];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public Task<UeqStore> Open() => Open(TimeSpan.FromSeconds(5));

    public Task<UeqStore> Open(TimeSpan patience) =>
        UeqStore.OpenAsync(new StoreOptions { Store = Store, Patience = patience }, TimeProvider.System, default);

    public void Dispose() => _folder.Delete(recursive: true);
}
