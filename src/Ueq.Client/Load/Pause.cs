using System.Runtime.InteropServices;

namespace Ueq.Client.Load;

/// <summary>Waiting for parts of a millisecond without keeping a processor busy, which the service may need.</summary>
internal static partial class Pause
{
    public static void For(TimeSpan time)
    {
        if (time <= TimeSpan.Zero) return;
        if (OperatingSystem.IsLinux())
        {
            Duration left = new() { Seconds = (nint)(time.Ticks / TimeSpan.TicksPerSecond), Nanoseconds = (nint)(time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick) };
            _ = NanoSleep(left, 0);
        }
        else
        {
            // Elsewhere whole milliseconds: what is due in between goes out together, and its lag is told.
            Thread.Sleep(Math.Max(1, (int)time.TotalMilliseconds));
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in Duration request, nint remaining);

    private struct Duration
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
