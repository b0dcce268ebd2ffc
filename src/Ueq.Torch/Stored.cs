using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using Ueq.Bayesian;
using Ueq.Versions;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>Which model a file holds.</summary>
internal enum StoredKind
{
    /// <summary>A deep ensemble.</summary>
    DeepEnsemble,

    /// <summary>A network for MC dropout.</summary>
    McDropout,

    /// <summary>A network and the Bayesian layer in place of its last.</summary>
    LastLayerLaplace,
}

/// <summary>The file of a model made of our own perceptrons: numbers only, nothing that could run.</summary>
/// <remarks>
/// Little-endian: the bytes UEQTORCH, version 1, kind (one byte each); features, number of hidden layers and units of each (int32); dropout
/// (float64); means and inverse scales of the features (float32); offset and scale of the target (float64); passes (int32), noise (float64),
/// seed (uint64) and memory budget (int64) of MC dropout; of a Bayesian last layer the length of its file (int32) and the file; number of members (int32); per member each tensor of its layers in order (float32);
/// SHA-256 of all that. A standard deviation on its own is the bytes UEQSIGMA and then such a file.
/// </remarks>
internal static class Stored
{
    private const int MostMembers = 1000;

    public static ReadOnlySpan<byte> Magic => "UEQTORCH"u8;

    public static ReadOnlySpan<byte> SigmaMagic => "UEQSIGMA"u8;

    /// <summary>Every parameter and buffer by its name.</summary>
    public static Dictionary<string, Tensor> Tensors(nn.Module module)
    {
        Dictionary<string, Tensor> tensors = [];
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in module.named_parameters()) tensors[name] = parameter;
        foreach ((string name, Tensor buffer) in module.named_buffers()) tensors[name] = buffer;
        return tensors;
    }

    public static void Write(Stream destination, StoredKind kind, MlpOptions? design, IReadOnlyList<Network> members, McDropoutOptions? passes, BayesianLinearRegression? last = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (design is null)
            throw new NotSupportedException($"Only networks of {nameof(MlpOptions)} can be stored; of another module the code would have to be stored too. Save it with TorchSharp.");
        using MemoryStream content = new();
        using (BinaryWriter writer = new(content, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write((byte)1);
            writer.Write((byte)kind);
            writer.Write(members[0].Features);
            writer.Write(design.Hidden.Count);
            foreach (int units in design.Hidden) writer.Write(units);
            writer.Write(design.Dropout);
            Standardisation scaling = members[0].Scaling;
            writer.Write(MemoryMarshal.AsBytes<float>(scaling.Means));
            writer.Write(MemoryMarshal.AsBytes<float>(scaling.InverseScales));
            writer.Write(scaling.Offset);
            writer.Write(scaling.Scale);
            McDropoutOptions made = passes ?? new McDropoutOptions();
            writer.Write(made.Passes);
            writer.Write(made.Noise);
            writer.Write(made.Seed);
            writer.Write(made.MemoryBudget);
            if (last is not null) WriteLast(writer, last);
            writer.Write(members.Count);
            foreach (Network member in members)
                foreach (Tensor values in Tensors(member.Module).Values) writer.Write(MemoryMarshal.AsBytes<float>(Flat(values)));
        }

        ReadOnlySpan<byte> bytes = content.GetBuffer().AsSpan(0, (int)content.Length);
        destination.Write(bytes);
        destination.Write(SHA256.HashData(bytes));
    }

    private static void WriteLast(BinaryWriter writer, BayesianLinearRegression last)
    {
        using MemoryStream file = new();
        last.Save(file);
        writer.Write((int)file.Length);
        writer.Write(file.GetBuffer(), 0, (int)file.Length);
    }

    private static BayesianLinearRegression ReadLast(BinaryReader reader)
    {
        int left = (int)(reader.BaseStream.Length - reader.BaseStream.Position);
        byte[] file = reader.ReadBytes(Within(reader.ReadInt32(), 1, left, "length of the last layer"));
        return (BayesianLinearRegression)new BayesianLinearFormat().Load(new MemoryStream(file));
    }

    private static float[] Flat(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        return Network.Values(values);
    }

    /// <summary>A <see cref="DeepEnsemble"/>, <see cref="McDropout"/>, <see cref="LastLayerLaplace"/> or <see cref="TorchSigma"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a file, or are damaged.</exception>
    public static IStoredPredictor Read(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        using MemoryStream copy = new();
        source.CopyTo(copy);
        ReadOnlySpan<byte> bytes = copy.GetBuffer().AsSpan(0, (int)copy.Length);
        bool sigma = bytes.StartsWith(SigmaMagic);
        int start = sigma ? SigmaMagic.Length : 0;
        if (!bytes[start..].StartsWith(Magic)) throw new InvalidDataException("Expected a file that starts with UEQTORCH, got another kind of file.");
        int end = bytes.Length - SHA256.HashSizeInBytes;
        if (end < start + Magic.Length || !SHA256.HashData(bytes[start..end]).AsSpan().SequenceEqual(bytes[end..]))
            throw new InvalidDataException("The Torch model file is damaged: its digest does not match.");
        try
        {
            using BinaryReader reader = new(new MemoryStream(copy.GetBuffer(), start + Magic.Length, end - start - Magic.Length));
            IStoredPredictor model = Read(reader);
            return !sigma ? model : model switch
            {
                DeepEnsemble ensemble => ensemble.Sigma,
                McDropout dropout => dropout.Sigma,
                _ => throw new InvalidDataException("Expected a model with a standard deviation of its own in the Torch model file, got a Bayesian last layer."),
            };
        }
        catch (Exception fault) when (fault is EndOfStreamException or ArgumentException)
        {
            throw new InvalidDataException($"The Torch model file contradicts itself: {fault.Message}", fault);
        }
    }

    private static IStoredPredictor Read(BinaryReader reader)
    {
        byte version = reader.ReadByte();
        if (version != 1) throw new InvalidDataException($"Expected version 1 of the Torch model file, got {version}.");
        StoredKind kind = (StoredKind)Within(reader.ReadByte(), 0, (int)StoredKind.LastLayerLaplace, "kind of model");
        int features = Within(reader.ReadInt32(), 1, 10_000_000, "number of features");
        int[] hidden = new int[Within(reader.ReadInt32(), 1, 20, "number of hidden layers")];
        for (int i = 0; i < hidden.Length; i++) hidden[i] = Within(reader.ReadInt32(), 1, 100_000, "number of units");
        MlpOptions design = new() { Hidden = hidden, Dropout = reader.ReadDouble() };
        design.Validate();
        Standardisation scaling = new(Floats(reader, features), Floats(reader, features), reader.ReadDouble(), reader.ReadDouble());
        if (!double.IsFinite(scaling.Offset) || !(scaling.Scale > 0 && double.IsFinite(scaling.Scale)))
            throw new InvalidDataException("Expected a finite offset and a positive finite scale of the target in the model file.");
        McDropoutOptions options = new()
        {
            Head = TorchHead.MeanAndSoftplusVariance,
            Passes = reader.ReadInt32(),
            Noise = reader.ReadDouble(),
            Seed = reader.ReadUInt64(),
            MemoryBudget = reader.ReadInt64(),
        };
        BayesianLinearRegression? last = kind == StoredKind.LastLayerLaplace ? ReadLast(reader) : null;
        Network[] members = Members(reader, design, scaling, kind == StoredKind.DeepEnsemble ? MostMembers : 1);
        try
        {
            return last is not null ? LastLayerLaplace.Join(members[0], design, last)
                : kind == StoredKind.DeepEnsemble ? new DeepEnsemble(members, design)
                : new McDropout(members[0].Module, scaling, options, [members[0].Module], design);
        }
        catch
        {
            foreach (Network member in members) member.Module.Dispose();
            throw;
        }
    }

    private static Network[] Members(BinaryReader reader, MlpOptions design, Standardisation scaling, int most)
    {
        int count = Within(reader.ReadInt32(), 1, most, "number of networks");
        // Before memory is asked for: a false design could ask for any amount.
        long expected = count * sizeof(float) * Weights(design, scaling.Means.Length), left = reader.BaseStream.Length - reader.BaseStream.Position;
        if (left != expected) throw new InvalidDataException($"Expected {expected} bytes of weights in the model file, got {left}.");
        Device device = Native.Device("cpu");
        Network[] members = new Network[count];
        for (int i = 0; i < count; i++)
        {
            nn.Module<Tensor, Tensor> module = Native.Seeded(0, () => design.Create(scaling.Means.Length, 2));
            using IDisposable still = no_grad();
            foreach (Tensor values in Tensors(module).Values)
                Floats(reader, (int)values.numel()).CopyTo(MemoryMarshal.Cast<byte, float>(values.bytes));
            module.eval();
            members[i] = new Network(module, device, TorchHead.MeanAndSoftplusVariance, scaling);
        }

        return members;
    }

    private static long Weights(MlpOptions design, long width)
    {
        long sum = 0;
        foreach (int units in design.Hidden.Append(2))
        {
            sum += (width + 1) * units;
            width = units;
        }

        return sum;
    }

    private static float[] Floats(BinaryReader reader, int count)
    {
        if (reader.BaseStream.Length - reader.BaseStream.Position < (long)count * sizeof(float)) throw new EndOfStreamException("the file ends too early.");
        float[] values = new float[count];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        int wrong = Array.FindIndex(values, value => !float.IsFinite(value));
        return wrong < 0 ? values : throw new InvalidDataException($"Expected finite numbers in the model file, got {Inputs.Say(values[wrong])}.");
    }

    private static int Within(int value, int from, int to, string what) => value >= from && value <= to
        ? value
        : throw new InvalidDataException($"Expected a {what} from {from} to {to} in the model file, got {value}.");
}
