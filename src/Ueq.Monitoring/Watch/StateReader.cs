namespace Ueq.Monitoring;

/// <summary>Reads a monitor's saved state and says where it is damaged.</summary>
internal sealed class StateReader(Stream source, string what) : IDisposable
{
    private readonly BinaryReader _file = new(source, System.Text.Encoding.UTF8, leaveOpen: true);

    public InvalidDataException Damaged(string place, string problem, Exception? cause = null) => new($"The saved state of {what} is damaged at {place}: {problem}.", cause);

    public int Int32(string place, int least, int most)
    {
        int value = Read(place, f => f.ReadInt32());
        return value >= least && value <= most ? value : throw Damaged(place, FormattableString.Invariant($"expected {least} to {most}, got {value}"));
    }

    public long Int64(string place, long least, long most)
    {
        long value = Read(place, f => f.ReadInt64());
        return value >= least && value <= most ? value : throw Damaged(place, FormattableString.Invariant($"expected {least} to {most}, got {value}"));
    }

    public ushort UInt16() => Read("a value", f => f.ReadUInt16());

    public double Number() => Read("a value", f => f.ReadDouble());

    public ulong UInt64(string place) => Read(place, f => f.ReadUInt64());

    public double Finite(string place, double least = double.MinValue)
    {
        double value = Read(place, f => f.ReadDouble());
        return double.IsFinite(value) && value >= least ? value : throw Damaged(place, FormattableString.Invariant($"expected a finite number from {least} on, got {value}"));
    }

    public string Text(string place) => Read(place, f => f.ReadString());

    public DateTimeOffset Time(string place)
    {
        long ticks = Int64(place, 0, DateTimeOffset.MaxValue.Ticks);
        return new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    public void End()
    {
        if (source.ReadByte() >= 0) throw Damaged("the end", "there is more than was written");
    }

    public void Dispose() => _file.Dispose();

    private T Read<T>(string place, Func<BinaryReader, T> read)
    {
        try
        {
            return read(_file);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or System.Text.DecoderFallbackException)
        {
            throw Damaged(place, "it ends too early or is no text", e);
        }
    }
}
