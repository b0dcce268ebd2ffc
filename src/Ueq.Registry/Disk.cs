using Ueq.Versions;

namespace Ueq.Registry;

/// <summary>What a registry does to a disk, step by step, so that each step is durable before the next begins.</summary>
/// <param name="layout">The registry.</param>
/// <param name="chunk">The most bytes of one write.</param>
/// <param name="before">Told of each step before it is done; a test ends the process there.</param>
internal sealed class Disk(Layout layout, int chunk = 1 << 20, Action<string>? before = null)
{
    /// <summary>Makes a file appear whole, in the place of one that may stand there.</summary>
    public void Write(string place, ReadOnlySpan<byte> content)
    {
        Prepare(layout.Temporary);
        Prepare(Path.GetDirectoryName(place)!);
        string temporary = Path.Combine(layout.Temporary, Path.GetRandomFileName());
        try
        {
            Step("create", temporary);
            using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0)) Write(file, content);
            Step("rename", place);
            File.Move(temporary, place, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        Flush(Path.GetDirectoryName(place)!);
    }

    /// <summary>Puts content behind the first <paramref name="length"/> bytes of a file; what stood there is cut off.</summary>
    public void Append(string place, long length, ReadOnlySpan<byte> content)
    {
        bool isNew = !File.Exists(place);
        Step("open", place);
        using (FileStream file = new(place, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            Step("cut", place);
            file.SetLength(length);
            file.Position = length;
            try
            {
                Write(file, content);
            }
            catch
            {
                // What was not acknowledged must not count later.
                file.SetLength(length);
                throw;
            }
        }

        if (isNew) Flush(Path.GetDirectoryName(place)!);
    }

    public void Delete(string place)
    {
        Step("delete", place);
        if (!Directory.Exists(Path.GetDirectoryName(place))) return;
        File.Delete(place);
        Flush(Path.GetDirectoryName(place)!);
    }

    private void Write(FileStream file, ReadOnlySpan<byte> content)
    {
        for (int at = 0; at < content.Length; at += chunk)
        {
            Step("write", file.Name);
            file.Write(content[at..Math.Min(content.Length, at + chunk)]);
        }

        Step("fsync", file.Name);
        file.Flush(flushToDisk: true);
    }

    private void Prepare(string directory)
    {
        if (Directory.Exists(directory)) return;
        string parent = Path.GetDirectoryName(directory)!;
        if (directory != layout.Root) Prepare(parent);
        Step("directory", directory);
        Directory.CreateDirectory(directory);
        Flush(parent);
    }

    private void Flush(string directory)
    {
        Step("fsync directory", directory);
        Durable.Flush(directory);
    }

    private void Step(string what, string place) => before?.Invoke($"{what} {Path.GetRelativePath(layout.Root, place)}");
}
