namespace Ueq.Tests;

public sealed class ModelReferenceTests
{
    [Theory]
    [InlineData("iris", "iris", null, null, null)]
    [InlineData("iris@champion", "iris", "champion", null, null)]
    [InlineData("iris:7", "iris", null, 7, null)]
    [InlineData("iris:9999999", "iris", null, 9999999, null)]
    [InlineData("iris:12345678", "iris", null, null, "12345678")]
    [InlineData("iris:00ab12cd", "iris", null, null, "00ab12cd")]
    [InlineData("9-a.B_c@1.0", "9-a.B_c", "1.0", null, null)]
    public void AReferenceIsReadAndWrittenTheSame(string text, string name, string? alias, int? version, string? digest)
    {
        ModelReference read = ModelReference.Parse(text);
        Assert.Equal((name, alias, version, digest), (read.Name, read.Alias, read.Version, read.Digest));
        Assert.Equal(text, read.ToString());
        Assert.Equal(alias is null && version is null && digest is null, read.IsBare);
    }

    public static TheoryData<string> Wrong =>
    [
        "", " ", "-a", ".", "..", "../iris", "iris/7", "iris\\7", "iris ", " iris", "iris\n", "iris\0", "ïris", "iris@", "iris:", "@champion", ":7", "iris@a@b",
        "iris:7@a", "iris@a:7", "iris@../x", "iris:0", "iris:07", "iris:-1", "iris:+1", "iris: 1", "iris:1.0", "iris:ab12cd", "iris:00AB12CD", "iris:12345678g",
        new string('a', 65), "a@" + new string('b', 65), "a:" + new string('0', 65), new string('a', 100_000),
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void AnythingElseIsRefused(string text)
    {
        Assert.False(ModelReference.TryParse(text, out ModelReference read));
        Assert.Equal(default, read);
        FormatException error = Assert.Throws<FormatException>(() => ModelReference.Parse(text));
        Assert.Contains("name@alias", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.InRange(error.Message.Length, 1, 400);
    }

    [Fact]
    public void PartsMakeTheSameReferenceAsTheirText()
    {
        Assert.Equal(ModelReference.Parse("iris"), ModelReference.Of("iris"));
        Assert.Equal(ModelReference.Parse("iris@a"), ModelReference.Of("iris", "a"));
        Assert.Equal(ModelReference.Parse("iris:3"), ModelReference.Of("iris", 3));
        Assert.Throws<ArgumentException>(() => ModelReference.Of("../iris"));
        Assert.Throws<ArgumentException>(() => ModelReference.Of("iris", "a b"));
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelReference.Of("iris", 0));
        Assert.Throws<ArgumentNullException>(() => ModelReference.Parse(null!));
        Assert.False(ModelReference.TryParse(null, out _));
    }

    [Fact]
    public void TheDefaultNamesNothing() => Assert.False(ModelReference.IsName(default(ModelReference).Name));
}
