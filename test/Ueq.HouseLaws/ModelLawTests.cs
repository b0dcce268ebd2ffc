namespace Ueq.HouseLaws;

public sealed class ModelLawTests
{
    [Fact]
    public void EveryModelTrainerAndFormatIsUnderTheLaws() => Law.Holds(Repository.Rooms.SelectMany(room =>
        ModelLaws.WithoutLawBook(room.Key, room.Value, Repository.Tests(room.Key))));

    [Fact]
    public void ARoomWithoutALawBookIsSeen()
    {
        const string Book = "LawBook.Of<Coverage>() public static TheoryData<Type> Types => [.. Book.Types]; Book.Hold(type);";
        Assert.Contains("BayesianLinearRegression", Assert.Single(ModelLaws.WithoutLawBook("Ueq", typeof(Coverage).Assembly, ["no book"])));
        Assert.Contains("no law book", Assert.Single(ModelLaws.WithoutLawBook("Ueq", typeof(Coverage).Assembly, [Book.Replace("Coverage", "TorchFormat", StringComparison.Ordinal)])));
        Assert.Empty(ModelLaws.WithoutLawBook("Ueq", typeof(Coverage).Assembly, ["other tests", Book]));
        Assert.Empty(ModelLaws.WithoutLawBook("Ueq.Monitoring", typeof(Monitoring.ModelWatch).Assembly, []));
    }
}
