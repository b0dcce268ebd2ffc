using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.ML;
using Ueq.MLNet.Pipelines;

namespace Ueq.MLNet;

/// <summary>The file of a fitted model: a header, then one ML.NET archive per transformer.</summary>
/// <remarks>
/// Little-endian: the bytes UEQMLNET, version 3, output kind, missing accepted (one byte each); what stands for NaN (float32); width
/// (int32); offset and scale (float64); classes, number of present classes and each of them (int32); number of models (int32); per model
/// the length of its archive (int64), the archive and its SHA-256 or, when the length is 0, the constant it answers (float64); SHA-256 of all
/// that. Version 1 had no last digest, so that a changed offset or class passed; it is still read. Version 2 is <see cref="StoredPipeline"/>'s.
/// </remarks>
internal static class StoredModel
{
    private const int MostModels = 100_000;
    private const int MostFeatures = 10_000_000;
    // The first moment that a ZIP archive can hold.
    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly MLContext Context = new(seed: 0);

    /// <summary>What is known of the model beside its archives.</summary>
    public sealed record Header(double Offset, double Scale, int Classes, int[] Present);

    /// <summary>Version of the file of what our own trainers fitted; that of a pipeline is <see cref="StoredPipeline.Version"/>.</summary>
    public const byte OfTrainers = 3;

    private const byte Unsealed = 1;

    public static ReadOnlySpan<byte> Magic => "UEQMLNET"u8;

    public static void Write(Stream destination, Header header, Fitted fitted)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (fitted.Pipeline is { } pipeline)
        {
            StoredPipeline.Write(destination, pipeline);
            return;
        }

        using MemoryStream content = new();
        using (BinaryWriter writer = new(content, System.Text.Encoding.UTF8, leaveOpen: true)) Write(writer, header, fitted);
        ReadOnlySpan<byte> bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        destination.Write(bytes);
        destination.Write(SHA256.HashData(bytes));
    }

    private static void Write(BinaryWriter writer, Header header, Fitted fitted)
    {
        writer.Write(Magic);
        writer.Write(OfTrainers);
        writer.Write((byte)fitted.Output);
        writer.Write(fitted.AcceptsMissing);
        writer.Write(fitted.MissingAs);
        writer.Write(fitted.Width);
        writer.Write(header.Offset);
        writer.Write(header.Scale);
        writer.Write(header.Classes);
        writer.Write(header.Present.Length);
        foreach (int present in header.Present) writer.Write(present);
        writer.Write(fitted.Slots.Count);
        DataViewSchema schema = TableView.SchemaOf(fitted.Width, LabelKind.None);
        foreach (Slot slot in fitted.Slots)
        {
            // ML.NET's archive wants a stream that seeks.
            using MemoryStream archive = new();
            if (slot.Transformer is not null)
            {
                Context.Model.Save(slot.Transformer, schema, archive);
                ForgetTime(archive);
            }

            writer.Write(archive.Length);
            if (slot.Transformer is null) writer.Write(slot.Constant);
            else WriteSealed(writer, archive.GetBuffer().AsSpan(0, (int)archive.Length));
        }
    }

    // ML.NET stamps the entries with the clock; without it the same model is the same bytes, and has the same digest.
    private static void ForgetTime(Stream archive)
    {
        using ZipArchive entries = new(archive, ZipArchiveMode.Update, leaveOpen: true);
        foreach (ZipArchiveEntry entry in entries.Entries) entry.LastWriteTime = Epoch;
    }

    // ML.NET trusts its archives: a damaged one can make it ask for any amount of memory. So they are sealed.
    private static void WriteSealed(BinaryWriter writer, ReadOnlySpan<byte> archive)
    {
        writer.Write(archive);
        writer.Write(SHA256.HashData(archive));
    }

    /// <summary>The version of a file, whose stream then stands behind it.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static byte ReadVersion(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        byte[] start = new byte[Magic.Length + 1];
        int read = source.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read < start.Length || !start.AsSpan().StartsWith(Magic)) throw new InvalidDataException("Expected a file that starts with UEQMLNET, got another kind of file.");
        byte version = start[^1];
        return version is Unsealed or StoredPipeline.Version or OfTrainers ? version : throw new InvalidDataException($"Expected version 1 to {OfTrainers} of the ML.NET model file, got {version}.");
    }

    /// <summary>Reads header and transformers behind the version and makes sure that they can answer.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a file, or are damaged.</exception>
    public static (Header Header, Fitted Fitted) Read(Stream source, byte version)
    {
        try
        {
            using MemoryStream content = Checked(source, version);
            using BinaryReader reader = new(content);
            (OutputKind output, bool acceptsMissing, float missingAs, int width) = ReadShape(reader);
            Header header = ReadHeader(reader);
            int expected = Models(output, header);
            int count = reader.ReadInt32();
            if (count != expected) throw new InvalidDataException($"Expected {expected} models in the file, got {count}.");
            Slot[] slots = new Slot[count];
            for (int i = 0; i < count; i++) slots[i] = ReadSlot(reader);
            if (content.ReadByte() >= 0) throw new InvalidDataException("Expected the end of the model file, got more bytes.");
            Fitted fitted = new(slots, output, width, acceptsMissing, missingAs);
            Try(fitted, header);
            return (header, fitted);
        }
        catch (Exception fault) when (fault is EndOfStreamException or not (InvalidDataException or IOException or OutOfMemoryException))
        {
            throw new InvalidDataException($"The ML.NET model file is damaged or of another kind: {fault.Message}", fault);
        }
    }

    // What stands between the version and the digest, which must be right.
    private static MemoryStream Checked(Stream source, byte version)
    {
        MemoryStream content = new();
        source.CopyTo(content);
        if (version == OfTrainers)
        {
            ReadOnlySpan<byte> bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
            int end = bytes.Length - SHA256.HashSizeInBytes;
            if (end < 0 || !SHA256.HashData([.. Magic, version, .. bytes[..end]]).AsSpan().SequenceEqual(bytes[end..]))
                throw new InvalidDataException("The ML.NET model file is damaged: its digest does not match.");
            content.SetLength(end);
        }

        content.Position = 0;
        return content;
    }

    // How many models a file of this shape holds; a file that contradicts itself holds none that could be read.
    private static int Models(OutputKind output, Header header)
    {
        bool regression = header.Classes == 0;
        if (regression != (header.Present.Length == 0) || (regression && output != OutputKind.Score))
            throw new InvalidDataException("The header of the model file contradicts itself.");
        if (regression) return 1;
        if (header.Present.Length == 1) return 0;
        return output == OutputKind.Probabilities || header.Present.Length == 2 ? 1 : header.Present.Length;
    }

    private static (OutputKind Output, bool AcceptsMissing, float MissingAs, int Width) ReadShape(BinaryReader reader)
    {
        OutputKind output = (OutputKind)Within(reader.ReadByte(), 0, (int)OutputKind.Probabilities, "kind of output");
        bool acceptsMissing = Within(reader.ReadByte(), 0, 1, "rule for missing values") == 1;
        return (output, acceptsMissing, reader.ReadSingle(), Within(reader.ReadInt32(), 1, MostFeatures, "number of features"));
    }

    private static Header ReadHeader(BinaryReader reader)
    {
        double offset = reader.ReadDouble(), scale = reader.ReadDouble();
        if (!double.IsFinite(offset) || !double.IsFinite(scale)) throw new InvalidDataException("Expected a finite offset and scale in the model file.");
        int classes = Within(reader.ReadInt32(), 0, MostModels, "number of classes");
        int[] present = new int[Within(reader.ReadInt32(), classes == 0 ? 0 : 1, classes, "number of classes present")];
        for (int i = 0; i < present.Length; i++) present[i] = Within(reader.ReadInt32(), i == 0 ? 0 : present[i - 1] + 1, classes - 1, "class");
        return new Header(offset, scale, classes, present);
    }

    private static int Within(int value, int from, int to, string what) => value >= from && value <= to
        ? value
        : throw new InvalidDataException($"Expected a {what} from {from} to {to} in the model file, got {value}.");

    private static Slot ReadSlot(BinaryReader reader)
    {
        long length = reader.ReadInt64();
        if (length == 0) return new Slot(null, reader.ReadDouble());
        if (length is < 0 or > int.MaxValue) throw new InvalidDataException($"Expected a length of an archive in the model file, got {length}.");
        // Grows with what is really there, so that a false length cannot ask for memory.
        using MemoryStream archive = new();
        byte[] buffer = new byte[1 << 16];
        while (archive.Length < length)
        {
            int read = reader.Read(buffer, 0, (int)Math.Min(buffer.Length, length - archive.Length));
            if (read == 0) throw new InvalidDataException($"Expected {length} bytes of an archive in the model file, got {archive.Length}.");
            archive.Write(buffer, 0, read);
        }

        if (!reader.ReadBytes(SHA256.HashSizeInBytes).AsSpan().SequenceEqual(SHA256.HashData(archive.GetBuffer().AsSpan(0, (int)length))))
            throw new InvalidDataException("The archive in the model file is damaged: its digest does not match.");
        archive.Position = 0;
        return new Slot(Context.Model.Load(archive, out _), 0);
    }

    // One row of zeros: a transformer of another width or kind fails here, not in service.
    private static void Try(Fitted fitted, Header header)
    {
        if (fitted.Slots.Count == 0) return;
        int outputs = fitted.Output == OutputKind.Probabilities ? header.Present.Length : fitted.Slots.Count;
        Scorer scorer = fitted.Rent();
        scorer.Score(new float[fitted.Width], new double[outputs]);
        fitted.Return(scorer);
    }
}
