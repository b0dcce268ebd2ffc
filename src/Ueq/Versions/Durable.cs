using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Ueq.Versions;

/// <summary>Makes directories appear whole and stay after a power cut: fsync of directories and one rename.</summary>
internal static partial class Durable
{
    private const int CurrentDirectory = -100;
    private const uint Exchange = 2;

    /// <summary>A new empty directory beside <paramref name="place"/>; what dead processes left of earlier ones is removed.</summary>
    public static string TemporaryBeside(string place)
    {
        string parent = Path.GetDirectoryName(place) ?? throw new IOException($"'{place}' has no parent directory to write beside.");
        Directory.CreateDirectory(parent);
        string prefix = $".{Path.GetFileName(place)}.";
        foreach (string left in Directory.EnumerateDirectories(parent, prefix + "*.tmp"))
        {
            if (Owner(Path.GetFileName(left), prefix) is { } process && !IsAlive(process)) Directory.Delete(left, recursive: true);
        }

        string temporary = Path.Combine(parent, $"{prefix}{Environment.ProcessId}-{Path.GetRandomFileName()}.tmp");
        Directory.CreateDirectory(temporary);
        return temporary;
    }

    /// <summary>Forces the entries of a directory and of all below it to disk; the files' contents are flushed by their writers.</summary>
    public static void FlushTree(string directory)
    {
        foreach (string inner in Directory.EnumerateDirectories(directory, "*", SearchOption.AllDirectories)) Flush(inner);
        Flush(directory);
    }

    /// <summary>Puts <paramref name="temporary"/> in its place; a directory that stands there is swapped out in one step and removed.</summary>
    public static void Replace(string temporary, string place)
    {
        if (!Directory.Exists(place)) Directory.Move(temporary, place);
        else if (Exchanged(temporary, place)) Directory.Delete(temporary, recursive: true);
        else
        {
            // Where two directories cannot be exchanged in one step, readers may find none for a moment, but never half of one.
            string old = temporary + ".old";
            Directory.Move(place, old);
            try
            {
                Directory.Move(temporary, place);
            }
            catch
            {
                Directory.Move(old, place);
                throw;
            }

            Directory.Delete(old, recursive: true);
        }

        Flush(Path.GetDirectoryName(place)!);
    }

    // The process that made a directory beside this very place; null for the temporary of a neighbour whose name begins alike, such
    // as .v1.7-beta.… beside v1: its name holds one more dash.
    private static int? Owner(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && name[prefix.Length..].Split('-') is [string owner, _]
        && int.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : null;

    private static bool Exchanged(string temporary, string place)
    {
        try
        {
            return OperatingSystem.IsLinux() && RenameAt(CurrentDirectory, temporary, CurrentDirectory, place, Exchange) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // Older musl has no such function.
        }
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using Process found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Forces the entries of a directory to disk.</summary>
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows()) return; // NTFS journals directory entries itself.
        int handle = Open(directory, 0);
        if (handle < 0) throw new IOException($"Cannot open directory '{directory}' to force it to disk: error {Marshal.GetLastPInvokeError()}.");
        int result = Sync(handle);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(handle);
        // EINVAL: the file system has no such operation for directories (some network and overlay mounts).
        if (result != 0 && error != 22) throw new IOException($"Cannot force directory '{directory}' to disk: error {error}.");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int fromDirectory, string from, int toDirectory, string to, uint flags);
}
