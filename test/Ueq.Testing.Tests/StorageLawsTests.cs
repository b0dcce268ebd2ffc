namespace Ueq.Testing.Tests;

public sealed class StorageLawsTests
{
    private static readonly FeatureMatrix Rows = new LinearTruth([1, 1]).Draw(20, 1).X;

    private static LawException Breaks(string law, StoredSum model, SumFormat? format = null, StoragePromises? promises = null)
    {
        LawException broken = Assert.Throws<LawException>(() => StorageLaws.Hold(model, format ?? new SumFormat(), Rows, promises));
        Assert.Equal(law, broken.Law);
        return broken;
    }

    [Fact]
    public void ASealedFileKeepsAllLaws() => StorageLaws.Hold(new StoredSum(3), new SumFormat(), Rows);

    [Fact]
    public void AnotherFormatsNameIsSeen() => Breaks("a model names its format", new StoredSum(3) { Format = "product" });

    [Fact]
    public void FilesThatDifferFromTimeToTimeAreSeen()
    {
        byte count = 0;
        Breaks("saving twice gives the same bytes", new StoredSum(3, () => [count++]));
    }

    [Fact]
    public void AModelThatChangesOnTheWayIsSeen()
    {
        const string Law = "what is read back is the model that was saved";
        Breaks(Law, new StoredSum(3, () => SumFormat.Seal(4)));
        // Reads once and takes what comes for everything.
        Breaks(Law, new StoredSum(3), new SumFormat(source =>
        {
            byte[] file = new byte[43];
            int length = source.Read(file);
            return new SumFormat().Load(new MemoryStream(file, 0, length));
        }));
        Breaks(Law, new StoredSum(3), new SumFormat(source => source.Length == 43 ? new SumFormat().Load(source) : throw new InvalidDataException()));
    }

    [Fact]
    public void WhatIsReadBackAndSavedDifferentlyIsSeen() => Breaks("what is read back saves the same bytes", new StoredSum(3), new SumFormat(source =>
    {
        StoredSum read = (StoredSum)new SumFormat().Load(source);
        return new StoredSum(read.Add, () => [1]);
    }));

    [Fact]
    public void AFormatThatTakesDamageOrFailsOtherwiseIsSeen()
    {
        const string Law = "a damaged file is an InvalidDataException";
        static StoredSum Trusting(Stream source)
        {
            byte[] file = SumFormat.All(source);
            if (file.Length < 11) throw new InvalidDataException("short");
            double add = BitConverter.ToDouble(file, 3);
            return file.AsSpan().StartsWith("SUM"u8) ? new StoredSum(add, () => SumFormat.Seal(add)) : throw new InvalidDataException("no sum");
        }

        Assert.Equal("a model", Breaks(Law, new StoredSum(3), new SumFormat(Trusting)).Got);
        StorageLaws.Hold(new StoredSum(3), new SumFormat(Trusting), Rows, new StoragePromises { Damage = DamageSeen.WhereReadable });
        LawException careless = Breaks(Law, new StoredSum(3), new SumFormat(source =>
        {
            byte[] file = SumFormat.All(source);
            double add = BitConverter.ToDouble(file, 3);
            return file.AsSpan().SequenceEqual(SumFormat.Seal(add)) ? new StoredSum(add) : throw new InvalidDataException();
        }));
        Assert.Contains("Argument", careless.Got, StringComparison.Ordinal);
        Assert.Contains("the first 0 of 43 bytes", careless.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AModelThatCannotBeSavedIsSeen() => Breaks("a model can be saved", new StoredSum(3, () => throw new NotSupportedException("never")));
}
