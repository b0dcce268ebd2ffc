namespace Ueq.Testing.Tests;

/// <summary>Public, so that a book of this assembly finds it.</summary>
public sealed class Shown : IPointPredictor
{
    public void Predict(FeatureMatrix x, Span<double> destination) => new LinearTruth([1, 1]).Predict(x, destination);
}

public sealed class LawBookTests
{
    private static FeatureMatrix Rows() => new LinearTruth([1, 1]).Draw(20, 1).X;

    [Fact]
    public void ABookFindsThePublicModelsOfAnAssembly()
    {
        Assert.Equal([typeof(Shown)], LawBook.Of<LawBookTests>().Types);
        Assert.Equal([typeof(ClassTruth), typeof(LinearTruth)], LawBook.Of<LinearTruth>().Types);
        Assert.Contains(typeof(Conformal.NormalisedTrainer), LawBook.Of<Coverage>().Types);
    }

    [Fact]
    public void ATypeWithoutAnEntryFails()
    {
        LawBook book = LawBook.Of<LawBookTests>();
        Assert.Contains("an entry, got none", Assert.Throws<LawException>(() => book.Hold(typeof(Shown))).Message, StringComparison.Ordinal);
        book.Model(() => new Shown(), Rows).Hold(typeof(Shown));
    }

    [Fact]
    public void AStoredModelNeedsItsFormat()
    {
        LawBook book = LawBook.Of<LawBookTests>().Model(() => new StoredSum(1), Rows);
        Assert.Contains("with its format", Assert.Throws<LawException>(() => book.Hold(typeof(StoredSum))).Message, StringComparison.Ordinal);
        book.Stored(() => new StoredSum(1), new SumFormat(), Rows);
        book.Hold(typeof(StoredSum));
        book.Hold(typeof(SumFormat));
    }

    [Fact]
    public void AnEntryBreaksWithItsModel()
    {
        LawBook book = LawBook.Of<LawBookTests>().Model(() => new BentPoint((_, y) => y.Fill(double.NaN)), Rows);
        Assert.Throws<LawException>(() => book.Hold(typeof(BentPoint)));
        Assert.Throws<ArgumentException>(() => LawBook.Of<LawBookTests>().Model<IPointPredictor>(() => new Shown(), Rows).Hold(typeof(IPointPredictor)));
    }

    public static TheoryData<Type> Types => [.. LawBook.Of<LinearTruth>().Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void TheRoomsOwnModelsKeepTheLaws(Type type) => LawBook.Of<LinearTruth>()
        .Model(() => new LinearTruth([1, 1]), Rows)
        .Model(() => new ClassTruth(2), Rows).Hold(type);
}
