namespace Ueq.Storage;

/// <summary>Times as the tables keep them: 100 ns since 1970, UTC.</summary>
internal static class Moments
{
    public static long Stored(DateTimeOffset at) => at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;

    public static DateTimeOffset Read(long stored) => new(stored + DateTimeOffset.UnixEpoch.Ticks, TimeSpan.Zero);
}
