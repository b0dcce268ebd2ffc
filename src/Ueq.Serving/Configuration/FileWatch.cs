using System.Security.Cryptography;

namespace Ueq.Serving.Configuration;

/// <summary>Says when the content of files may have changed: by the system's notice, and by looking every few seconds where there is none.</summary>
/// <remarks>Orchestrators change mounted files by swapping links of folders, and some file systems give no notice at all.</remarks>
internal sealed class FileWatch : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5), Quiet = TimeSpan.FromMilliseconds(200);

    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Func<IEnumerable<string>> _files;
    private readonly TimeProvider _time;
    private volatile bool _asked;
    private byte[] _digest;

    /// <param name="files">The files; which they are may change with what they say.</param>
    /// <param name="known">The digest of what was read of them last.</param>
    /// <param name="time">The clock of pauses.</param>
    public FileWatch(Func<IEnumerable<string>> files, byte[] known, TimeProvider time)
    {
        _files = files;
        _time = time;
        _digest = known;
        foreach (string folder in files().Select(file => Path.GetDirectoryName(Path.GetFullPath(file))!).Distinct().Where(Directory.Exists))
        {
            try
            {
                FileSystemWatcher watcher = new(folder);
                watcher.Changed += (_, _) => Wake();
                watcher.Created += (_, _) => Wake();
                watcher.Renamed += (_, _) => Wake();
                watcher.Deleted += (_, _) => Wake();
                watcher.EnableRaisingEvents = true;
                _watchers.Add(watcher);
            }
            catch (IOException)
            {
                // The system has no watches left; looking remains.
            }
        }
    }

    /// <summary>Wakes who waits, whether anything changed or not.</summary>
    public void Ask()
    {
        _asked = true;
        Wake();
    }

    /// <summary>Waits until the files say something new and nobody has written for a moment, or until somebody asks.</summary>
    public async Task NextAsync(CancellationToken stop)
    {
        while (true)
        {
            await _wake.WaitAsync(Look, stop);
            while (_wake.Wait(0, CancellationToken.None))
            {
            }

            byte[] digest = Digest(_files());
            if (!_asked)
            {
                if (digest.AsSpan().SequenceEqual(_digest)) continue;
                await Task.Delay(Quiet, _time, stop);
                if (!digest.AsSpan().SequenceEqual(Digest(_files())))
                {
                    // Somebody is still writing.
                    Wake();
                    continue;
                }
            }

            _asked = false;
            _digest = digest;
            return;
        }
    }

    public void Dispose()
    {
        foreach (FileSystemWatcher watcher in _watchers) watcher.Dispose();
        _wake.Dispose();
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (ObjectDisposedException)
        {
            // A last notice while the service ends.
        }
    }

    /// <summary>The digest of what some files hold now.</summary>
    public static byte[] Digest(IEnumerable<string> files) => Together(files.Select(DigestOf));

    /// <summary>One digest of several.</summary>
    public static byte[] Together(IEnumerable<byte[]> digests) => SHA256.HashData([.. digests.SelectMany(digest => digest)]);

    /// <summary>The digest of what a file holds; zeros when it cannot be read.</summary>
    public static byte[] DigestOf(string file)
    {
        try
        {
            return SHA256.HashData(File.ReadAllBytes(file));
        }
        catch (Exception bad) when (bad is IOException or UnauthorizedAccessException)
        {
            return new byte[SHA256.HashSizeInBytes];
        }
    }
}
