using Ueq.Versions;

namespace Ueq.Testing;

/// <summary>What every stored model and its format keep.</summary>
/// <remarks>
/// Saving twice gives the same bytes, into a stream that only writes; what is read back, from a stream that only reads and in small parts, has
/// the same shapes, answers the same to the last bit and saves the same bytes; a file that is cut short, changed or longer is an
/// <see cref="InvalidDataException"/> and nothing else.
/// </remarks>
public static class StorageLaws
{
    private const string Damaged = "a damaged file is an InvalidDataException";

    /// <summary>Holds all laws.</summary>
    /// <param name="model">A model that can be stored.</param>
    /// <param name="format">Reads it.</param>
    /// <param name="rows">Four or more legal rows.</param>
    /// <param name="promises">What the format promises; <c>null</c>: that it sees all damage.</param>
    /// <exception cref="LawException">A law does not hold.</exception>
    /// <exception cref="ArgumentException">The rows are too few or not legal.</exception>
    public static void Hold(IStoredPredictor model, IPredictorFormat format, FeatureMatrix rows, StoragePromises? promises = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(format);
        Throw.IfTooPlain(rows);
        promises ??= new StoragePromises();
        promises.Validate();
        string name = $"{model.GetType().Name} with {format.GetType().Name}";
        if (model.Format != format.Name) throw new LawException("a model names its format", name, "asked for its format", null, $"'{format.Name}'", $"'{model.Format}'");
        byte[] file = Save(model, name);
        Same("saving twice gives the same bytes", name, "saved twice", file, Save(model, name));
        RoundTrip(model, format, rows, name, file);
        Damage(format, name, file, promises);
        using (IDisposable? still = Load(format, file) as IDisposable) Same("saving twice gives the same bytes", name, "saved after damaged files were read", file, Save(model, name));
    }

    private static void RoundTrip(IStoredPredictor model, IPredictorFormat format, FeatureMatrix rows, string name, byte[] file)
    {
        const string Law = "what is read back is the model that was saved";
        IStoredPredictor read;
        try
        {
            read = format.Load(new OneWay(file));
        }
        catch (Exception fault)
        {
            throw new LawException(Law, name, "read what was saved from a stream that only reads", null, "a model", Trial.Say(fault), fault);
        }

        using IDisposable? owned = read as IDisposable;
        IReadOnlyList<Subject> before = Subject.Of(model), after = Subject.Of(read);
        string[] shapes = [.. before.Select(s => s.Name)], readShapes = [.. after.Select(s => s.Name)];
        if (!shapes.SequenceEqual(readShapes)) throw new LawException(Law, name, "read back", null, string.Join(", ", shapes), string.Join(", ", readShapes));
        for (int s = 0; s < before.Count; s++)
        {
            if (!before[s].Outputs.SequenceEqual(after[s].Outputs))
                throw new LawException(Law, before[s].Name, "read back", null, $"{before[s].Outputs[0].Classes} classes", $"{after[s].Outputs[0].Classes}");
            Trial trial = new(before[s], rows, new PredictorPromises());
            trial.Same(Law, "read back and asked for all rows", new Trial(after[s], rows, trial.Promises).Reference, i => i, 0);
        }

        Same("what is read back saves the same bytes", name, "saved, read and saved again", file, Save(read, name));
    }

    private static void Damage(IPredictorFormat format, string name, byte[] file, StoragePromises promises)
    {
        foreach (int at in Places(file.Length, promises.Places))
        {
            // A file that is cut short may be whole to a format without a digest or a length.
            Refuse(format, name, $"read the first {at} of {file.Length} bytes", file[..at], promises.Damage);
            foreach (byte mask in new byte[] { 0x01, 0x80, 0xff })
            {
                byte[] changed = [.. file];
                changed[at] ^= mask;
                Refuse(format, name, $"read {file.Length} bytes with byte {at} changed from 0x{file[at]:x2} to 0x{changed[at]:x2}", changed, promises.Damage);
            }
        }

        Refuse(format, name, "read the file with a zero after it", [.. file, 0], promises.Damage);
        Refuse(format, name, "read the file twice over", [.. file, .. file], promises.Damage);
        Refuse(format, name, "read nothing", [], DamageSeen.Always);
        Refuse(format, name, "read a text", [.. "This is a text, not a model; somebody mixed up two files."u8], DamageSeen.Always);
    }

    private static void Refuse(IPredictorFormat format, string name, string done, byte[] file, DamageSeen seen)
    {
        try
        {
            using IDisposable? read = Load(format, file) as IDisposable;
        }
        catch (InvalidDataException)
        {
            return;
        }
        catch (Exception fault)
        {
            throw new LawException(Damaged, name, done, null, "an InvalidDataException", Trial.Say(fault), fault);
        }

        if (seen == DamageSeen.Always) throw new LawException(Damaged, name, done, null, "an InvalidDataException", "a model");
    }

    private static IStoredPredictor Load(IPredictorFormat format, byte[] file) => format.Load(new MemoryStream(file, writable: false));

    // Both ends, where lengths and digests stand, and evenly between.
    private static IEnumerable<int> Places(int length, int places)
    {
        if (length <= places) return Enumerable.Range(0, length);
        int ends = places / 4;
        return Enumerable.Range(0, ends)
            .Concat(Enumerable.Range(0, places - 2 * ends).Select(i => (int)(ends + (long)i * (length - 2 * ends) / (places - 2 * ends))))
            .Concat(Enumerable.Range(length - ends, ends)).Distinct();
    }

    private static byte[] Save(IStoredPredictor model, string name)
    {
        try
        {
            using OneWay destination = new();
            model.Save(destination);
            return destination.Written;
        }
        catch (Exception fault)
        {
            throw new LawException("a model can be saved", name, "saved into a stream that only writes", null, "a file", Trial.Say(fault), fault);
        }
    }

    private static void Same(string law, string name, string done, byte[] expected, byte[] got)
    {
        if (expected.AsSpan().SequenceEqual(got)) return;
        int at = expected.AsSpan().CommonPrefixLength(got);
        throw new LawException(law, name, done, null, $"the same {expected.Length} bytes", $"{got.Length} bytes that differ from byte {at} on");
    }
}
