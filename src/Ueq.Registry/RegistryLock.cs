using System.Diagnostics;

namespace Ueq.Registry;

/// <summary>The right to change a registry: one process at a time has it, and loses it by ending, however it ends.</summary>
/// <remarks>An advisory lock of the operating system on the file <c>lock</c>; what the file holds means nothing, and it is never removed.</remarks>
internal sealed class RegistryLock : IDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    private readonly FileStream _file;

    private RegistryLock(FileStream file) => _file = file;

    /// <exception cref="IOException">Another process has it for longer than <paramref name="patience"/>.</exception>
    public static RegistryLock Take(Layout layout, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (Try(layout) is { } taken) return taken;
            if (Stopwatch.GetElapsedTime(start) > patience)
                throw new IOException($"Another process has been changing the registry '{layout.Root}' for {patience.TotalSeconds:0} s; try again.");
            Thread.Sleep(_pause);
        }
    }

    /// <summary>The lock, or <c>null</c> if somebody has it.</summary>
    public static RegistryLock? Try(Layout layout)
    {
        try
        {
            return new RegistryLock(new FileStream(layout.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException error) when (IsTaken(error))
        {
            return null;
        }
    }

    public void Dispose() => _file.Dispose();

    // EWOULDBLOCK of Linux and of macOS, and a sharing violation of Windows.
    private static bool IsTaken(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020);
}
