using System.Text;

namespace Ueq.Monitoring.Tests;

public sealed class DriftReferenceFileTests
{
    private static string Saved(DriftReference reference)
    {
        using MemoryStream stream = new();
        reference.Save(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static DriftReference Restored(string text) => DriftReference.Restore(new MemoryStream(Encoding.UTF8.GetBytes(text)));

    private static DriftReference WithEverything()
    {
        float[] x = [.. Enumerable.Range(0, 300).Select(i => i % 7 == 0 ? float.NaN : MathF.Sin(i))];
        double[] sizes = [.. Enumerable.Range(0, 300).Select(i => i % 9 == 0 ? double.PositiveInfinity : 1 + i / 3.0)];
        return DriftReference.From(FeatureSchema.Numeric(1), new FeatureMatrix(x, 1), new double[300], sizes);
    }

    [Fact]
    public void WhatIsRestoredSavesToTheSameText()
    {
        foreach (DriftReference reference in new[] { WithEverything(), new Streams(1).Reference(200), Unbounded() })
        {
            string text = Saved(reference);
            DriftReference again = Restored(text);
            Assert.Equal(text, Saved(again));
            Assert.Equal(reference.SchemaDigest, again.SchemaDigest);
            Assert.Equal(reference.Signals.Select(s => s.Summary), again.Signals.Select(s => s.Summary));
        }
    }

    private static DriftReference Unbounded() =>
        DriftReference.From(FeatureSchema.Numeric(1), new FeatureMatrix(new float[] { 1, 2 }, 1), [1, 2], [double.PositiveInfinity, double.PositiveInfinity]);

    [Fact]
    public void ARestoredReferenceJudgesTheSame()
    {
        DriftReference reference = new Streams(2).Reference(500);
        ModelWatch one = new(reference, new()), two = new(Restored(Saved(reference)), new());
        new Streams(3) { Shift = 0.4 }.AddTo(one, 1000);
        new Streams(3) { Shift = 0.4 }.AddTo(two, 1000);
        Assert.Equal(one.Read().Signals.Select(s => (s.LogEvidence, s.Effect, s.State)), two.Read().Signals.Select(s => (s.LogEvidence, s.Effect, s.State)));
    }

    [Fact]
    public void ScoresAndHoursOfTheWeekAreKept()
    {
        (FeatureMatrix x, double[] p, double[] s) = new Streams(4).Next(400);
        DateTimeOffset[] times = [.. Enumerable.Range(0, 400).Select(i => Streams.At.AddHours(i))];
        DriftReference reference = DriftReference.From(Streams.Schema, x, p, s, s, times);
        Assert.Equal((168, true, true), (reference.Seasons, reference.HasAnswers, reference.HasScores));
        DriftReference again = Restored(Saved(reference));
        Assert.Equal(Saved(reference), Saved(again));
        Assert.Equal((168, true), (again.Seasons, again.HasScores));
        string text = Saved(reference);
        int hours = text.IndexOf("\"hours\":[0,", StringComparison.Ordinal);
        Assert.Contains("hours", Assert.Throws<InvalidDataException>(() => Restored(text.Insert(hours + 9, "1,"))).Message, StringComparison.Ordinal);
        Assert.Contains("sum", Assert.Throws<InvalidDataException>(() => Restored(text.Remove(hours + 9, 1).Insert(hours + 9, "1"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AReferenceOfTheFirstLayoutIsRead() =>
        Assert.Equal(3, Restored(Saved(WithEverything()).Replace("\"format_version\":2", "\"format_version\":1", StringComparison.Ordinal)).Signals.Count);

    [Theory]
    [InlineData("\"format_version\":2", "\"format_version\":3", "$.format_version")]
    [InlineData("\"missing\":43", "\"missing\":-1", "$.signals[0].missing")]
    [InlineData("\"missing\":43", "\"missing\":44", "301 rows")]
    [InlineData("\"missing\":43", "\"missing\":\"many\"", "$.signals[0].missing")]
    [InlineData("\"missing\":43", "\"missing\":43,\"missing\":43", "$.signals[0]")]
    [InlineData("\"missing\":43", "\"mising\":43", "$.signals[0]")]
    [InlineData("\"counts\":[6,", "\"counts\":[7,", "$.signals[0].counts")]
    [InlineData("\"counts\":[6,", "\"counts\":[", "$.signals[0].counts")]
    [InlineData("\"counts\":[6,", "\"counts\":[-6,", "$.signals[0].counts[0]")]
    [InlineData("\"edges\":[", "\"edges\":[5,", "$.signals[0].edges[1]")]
    [InlineData("\"edges\":[", "\"edges\":[\"NaN\",", "$.signals[0].edges[0]")]
    [InlineData("\"kind\":\"prediction\"", "\"kind\":\"feature\"", "$.signals[2].kind")]
    [InlineData("\"kind\":\"prediction\"", "\"kind\":\"omen\"", "$.signals[1].kind")]
    [InlineData("\"content\":\"informative\"", "\"content\":\"no_values\"", "$.signals[0].content")]
    public void ADamagedFileIsRefusedAtItsPlace(string sound, string damaged, string place)
    {
        string text = Saved(WithEverything());
        int at = text.IndexOf(sound, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{sound} is not in {text}");
        string broken = string.Concat(text.AsSpan(0, at), damaged, text.AsSpan(at + sound.Length));
        Assert.Contains(place, Assert.Throws<InvalidDataException>(() => Restored(broken)).Message);
    }

    [Fact]
    public void ATruncatedFileIsRefusedWhereverItEnds()
    {
        string text = Saved(WithEverything());
        for (int length = 0; length < text.Length; length += 37) Assert.Throws<InvalidDataException>(() => Restored(text[..length]));
    }
}
