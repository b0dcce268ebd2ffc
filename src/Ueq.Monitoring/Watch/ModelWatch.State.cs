using System.Security.Cryptography;

namespace Ueq.Monitoring;

public sealed partial class ModelWatch
{
    private const int StateVersion = 2;
    private const string What = "the watch";

    /// <summary>Writes all that has been seen, with the reference it was compared with; transitions not taken yet are part of it.</summary>
    public void Save(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using MemoryStream content = new();
        using (BinaryWriter file = new(content, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            file.Write(StateVersion);
            using MemoryStream reference = new();
            _reference.Save(reference);
            file.Write((int)reference.Length);
            file.Write(reference.GetBuffer().AsSpan(0, (int)reference.Length));
            file.Write(_rows);
            file.Write(_scores);
            file.Write(IsFrozen ? 1 : 0);
            foreach (SignalWatch signal in _signals) signal.Save(file);
            TransitionFile.Write(file, _transitions);
        }

        destination.Write(content.GetBuffer().AsSpan(0, (int)content.Length));
        destination.Write(SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length)));
    }

    /// <summary>Goes on where <see cref="Save"/> wrote, with the same values to come, to the same answers.</summary>
    /// <param name="source">What was written, and nothing after it.</param>
    /// <param name="reference">The reference of the model version: a state that was saved for other features is refused.</param>
    /// <param name="options">What the operator asks for now; the window of effects must be as large as it was.</param>
    /// <exception cref="InvalidDataException">The content is damaged or was saved for another model; the message names the place.</exception>
    public static ModelWatch Restore(Stream source, DriftReference reference, WatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(options);
        using MemoryStream copy = new();
        source.CopyTo(copy);
        int length = (int)copy.Length - SHA256.HashSizeInBytes;
        byte[] all = copy.GetBuffer();
        using MemoryStream content = new(all, 0, Math.Max(0, length), writable: false);
        using StateReader file = new(content, What);
        if (length < 0 || !SHA256.HashData(all.AsSpan(0, length)).AsSpan().SequenceEqual(all.AsSpan(length, SHA256.HashSizeInBytes)))
            throw file.Damaged("its end", "the digest does not agree with the content");

        // Version 1 did not count scores.
        int version = file.Int32("the version", 1, StateVersion);
        int size = file.Int32("the reference", 1, length);
        using MemoryStream stored = new(all, (int)content.Position, (int)Math.Min(size, content.Length - content.Position), writable: false);
        DriftReference used = DriftReference.Restore(stored);
        content.Position += stored.Length;
        if (used.SchemaDigest != reference.SchemaDigest || !used.Signals.Select(s => s.Name).SequenceEqual(reference.Signals.Select(s => s.Name)))
            throw file.Damaged("the reference", "it is of other signals than the model's");

        ModelWatch watch = new(used, options)
        {
            _rows = file.Int64("the rows", 0, long.MaxValue),
            _scores = version == 1 ? 0 : file.Int64("the scores", 0, long.MaxValue),
            IsFrozen = file.Int32("frozen", 0, 1) == 1,
        };
        foreach (SignalWatch signal in watch._signals) signal.Restore(file);
        watch._transitions = TransitionFile.Read(file);
        file.End();
        return watch;
    }
}
