using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

public sealed class MonitorTests : IDisposable
{
    private const int Change = 3000;
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AChangeIsRaisedSoonAfterItsRowAndOfItsSignalAlone()
    {
        (string reference, string stream) = Shifted();
        Answer answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream, "--json")).Succeeds();
        JsonArray events = answer.Json["events"]!.AsArray();
        JsonNode alarm = Assert.Single(events, one => (string)one!["event"]! == "alarm")!;
        Assert.Equal("b", (string)alarm["signal"]!);
        Assert.InRange((long)alarm["row"]!, Change + 1, Change + 200);
        Assert.True((double)alarm["effect"]!["ks_lower"]! > 0.02);
        Assert.Contains("'b' has changed", (string)alarm["message"]!, StringComparison.Ordinal);
        Assert.Equal(6000, (int)answer.Json["rows"]!);
        Assert.Equal(1, (int)answer.Json["alarms"]!);
        Assert.Equal(["healthy", "alarm"], answer.Json["signals"]!.AsArray().Select(signal => (string)signal!["state"]!));
        Assert.Equal((long)alarm["row"]!, (long)answer.Json["signals"]![1]!["first_alarm_row"]!);
    }

    [Fact]
    public async Task WhatIsPromisedFollowsFromTheTwoSettings()
    {
        (string reference, string stream) = Shifted();
        Answer answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream, "--json", "--false-alarms-per-year", "2", "--observations-per-year", "500000")).Succeeds();
        Assert.Equal(Math.Log10(2 * 500_000 / 2.0), (double)answer.Json["log10_threshold"]!, 1e-9);
        Assert.Equal(6000 * 2 / 500_000.0, (double)answer.Json["expected_false_alarms"]!, 1e-9);
    }

    [Fact]
    public async Task TheTableSaysWhatTheDocumentSaysInEightyColumns()
    {
        (string reference, string stream) = Shifted();
        Answer answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream)).Succeeds();
        Assert.All(answer.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Contains("ALARM. Feature 'b' has changed", answer.Output, StringComparison.Ordinal);
        Assert.Contains("6,000 rows (the first after the header is row 1), 2 signals: 1 alarm", answer.Output, StringComparison.Ordinal);
        Assert.Contains("At most 0.006 false alarms", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RowsThatAreAsBeforeRaiseNothingAndAShortChangeRecovers()
    {
        string reference = _folder.Write("reference.csv", Table(2000, 1, _ => 0)), same = _folder.Write("same.csv", Table(5000, 2, _ => 0));
        Assert.Equal(0, (int)(await UeqCommand.Run("monitor", "--reference", reference, "--stream", same, "--json")).Succeeds().Json["alarms"]!);
        string passing = _folder.Write("passing.csv", Table(9000, 3, row => row is > 2000 and <= 3000 ? 1.5 : 0));
        Answer answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", passing, "--json")).Succeeds();
        JsonNode recovered = Assert.Single(answer.Json["events"]!.AsArray(), one => (string)one!["event"]! == "recovered")!;
        Assert.InRange((long)recovered["row"]!, 3001, 9000);
        Assert.Equal(1, (int)answer.Json["recoveries"]!);
    }

    [Fact]
    public async Task RowsThatDependOnTheOnesBeforeAreVoidAndThinningHelps()
    {
        string reference = _folder.Write("reference.csv", Walk(3000, 1)), stream = _folder.Write("stream.csv", Walk(6000, 2));
        Answer answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream)).Succeeds();
        Assert.Contains("Void.", answer.Output, StringComparison.Ordinal);
        Assert.Contains("nothing is promised for the 1 signal in state void", answer.Output.ReplaceLineEndings(" ").Replace("     ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream, "--thinning", "20", "--json")).Succeeds();
        Assert.Equal("healthy", (string)answer.Json["signals"]![0]!["state"]!);
        Assert.Equal(300.0 * 20 / 1e6, (double)answer.Json["expected_false_alarms"]!, 0.3);
    }

    [Fact]
    public async Task MissingValuesAreCountedAndTextsAreNumbered()
    {
        string reference = _folder.Write("reference.csv", "a,kind\n" + Repeat(500, row => $"{row % 7},{(row % 2 == 0 ? "dog" : "cat")}\n"));
        string stream = _folder.Write("stream.csv", "kind,a\n" + Repeat(900, row => $"{(row > 300 ? "bird" : row % 2 == 0 ? "dog" : "cat")},{(row % 10 == 0 ? "" : row % 7)}\n"));
        Answer answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream, "--json")).Succeeds();
        Assert.Equal(["cat", "dog"], answer.Json["signals"]![1]!["texts"]!.AsArray().Select(text => (string)text!));
        // 600 birds that the reference has never seen, and 90 empty fields.
        Assert.Equal([90, 600], answer.Json["signals"]!.AsArray().Select(signal => (int)signal!["missing"]!));
        Assert.Contains("missing values", (string)answer.Json["events"]!.AsArray().First(one => (string)one!["signal"]! == "kind" && (string)one["event"]! == "alarm")!["message"]!, StringComparison.Ordinal);
        answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream)).Succeeds();
        Assert.Contains("kind is text: 0 is 'cat', 1 is 'dog'.", answer.Output, StringComparison.Ordinal);
        Assert.Contains("kind: 600 missing values.", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithTimesRowsAreComparedWithTheirHourOfTheWeek()
    {
        // The value is the hour of the day, normal at its hour; from the fifth week on it is six more.
        DateTimeOffset start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);
        Rng rng = Rng.Stream(13, 1);
        string Hours(int rows, int from, Func<int, int> more) => "at,load\n" + Repeat(rows, row =>
            FormattableString.Invariant($"{start.AddHours(from + row):yyyy-MM-ddTHH:mm:ssZ},{row % 24 + more(row) + rng.NextUniform()}\n"));
        string reference = _folder.Write("reference.csv", Hours(168 * 12, 0, _ => 0)), stream = _folder.Write("stream.csv", Hours(168 * 8, 168 * 12, row => row < 168 * 4 ? 0 : 6));
        Answer answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream, "--time-column", "at", "--json")).Succeeds();
        JsonNode alarm = answer.Json["events"]!.AsArray().First(one => (string)one!["event"]! == "alarm")!;
        Assert.InRange((long)alarm["row"]!, 168 * 4, 168 * 4 + 72);
        Assert.Equal(start.AddHours(168 * 12 + (long)alarm["row"]!), DateTimeOffset.Parse((string)alarm["at"]!, CultureInfo.InvariantCulture));
        Assert.Single(answer.Json["signals"]!.AsArray());
    }

    [Theory]
    [InlineData("adwin")]
    [InlineData("page_hinkley")]
    [InlineData("kswin")]
    public async Task ClassicalDetectorsLookAtStandardisedColumnsAndPromiseNothing(string detector)
    {
        (string reference, string stream) = Shifted();
        Answer answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream, "--detector", detector, "--json")).Succeeds();
        Assert.Contains(answer.Json["events"]!.AsArray(), one => (string)one!["signal"]! == "b" && (long)one["row"]! is > Change and < Change + 500);
        Assert.Null(answer.Json["expected_false_alarms"]);
        Assert.Contains($"{detector} promises no rate", (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream, "--detector", detector)).Succeeds().Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ddm")]
    [InlineData("hddm")]
    public async Task DetectorsOfErrorsLookAtTheirColumnAndNeedNoReference(string detector)
    {
        string stream = _folder.Write("errors.csv", "wrong,x\n" + Repeat(4000, row => $"{(row < 2000 ? row % 10 == 0 : row % 2 == 0) switch { true => 1, _ => 0 }},text {row}\n"));
        Answer answer = (await UeqCommand.Run("monitor", "--stream", stream, "--detector", detector, "--error-column", "wrong", "--json")).Succeeds();
        JsonNode first = answer.Json["events"]![0]!;
        Assert.InRange((long)first["row"]!, 2001, 2200);
        Assert.Equal("wrong", (string)first["signal"]!);
    }

    [Theory]
    [InlineData("ddm")]
    [InlineData("hddm")]
    public async Task DetectorsOfErrorsLookAtTheOuterTenthsOfAnyColumnAndAtColumnsOfZeroAndOneAsTheyAre(string detector)
    {
        string Drawn(int rows, ulong seed, Func<int, bool> changed)
        {
            Rng rng = Rng.Stream(14, seed);
            return "a,b,wrong,one\n" + Repeat(rows, row => FormattableString.Invariant(
                $"{rng.NextNormal():0.####},{rng.NextNormal() + (changed(row) ? 1.5 : 0):0.####},{(rng.NextUniform() < (changed(row) ? 0.6 : 0.1) ? 1 : 0)},7\n"));
        }

        string reference = _folder.Write("reference.csv", Drawn(2000, 1, _ => false)), stream = _folder.Write("stream.csv", Drawn(5000, 2, row => row > Change));
        Answer answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream, "--detector", detector, "--json")).Succeeds();
        JsonArray events = answer.Json["events"]!.AsArray();
        foreach (string signal in new[] { "b", "wrong" })
            Assert.Contains(events, one => (string)one!["signal"]! == signal && (long)one["row"]! > Change);
        Assert.DoesNotContain(events, one => (string)one!["signal"]! == "one");
        Assert.Contains(events, one => ((string)one!["message"]!).StartsWith("Values outside the middle of the reference of 'b'", StringComparison.Ordinal));
        Assert.Contains(events, one => ((string)one!["message"]!).StartsWith("Errors of 'wrong'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LargeNumbersAndSmallPromisesAreWrittenOut()
    {
        string reference = _folder.Write("reference.csv", "income\n" + Repeat(1000, row => $"{30_000 + row * 7919 % 1000 * 20}\n"));
        string stream = _folder.Write("stream.csv", "income\n" + Repeat(400, row => $"{45_000 + row * 7919 % 400 * 20}\n"));
        Answer answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream)).Succeeds();
        Assert.Contains("values above 47,980 are", answer.Output.ReplaceLineEndings(" ").Replace("     ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("At most 0.0004 false alarms", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PicturesAreWrittenAndNamed()
    {
        (string reference, string stream) = Shifted();
        string directory = _folder["pictures"];
        Answer answer = (await UeqCommand.Run("monitor", "--reference", reference, "--stream", stream, "--plots", directory, "--json")).Succeeds();
        string[] files = [.. answer.Json["plots"]!.AsArray().Select(path => Path.GetFileName((string)path!))];
        Assert.Equal(["evidence.png", "02-b.png", "02-b-shares.png", "01-a.png", "overview.png"], files);
        Assert.All(files, file => Assert.Equal("PNG", Encoding.ASCII.GetString(File.ReadAllBytes(Path.Combine(directory, file))[1..4])));
        Assert.Equal(files.Order(), Directory.GetFiles(directory).Select(path => Path.GetFileName(path)!).Order());
    }

    [Fact]
    public async Task WrongCallsAndFilesAreToldWithTheirPlace()
    {
        (string reference, string stream) = Shifted();
        string header = _folder.Write("header.csv", "a,b\n"), text = _folder.Write("text.csv", "a,b\n1,2\n1,soon\n"), other = _folder.Write("other.csv", "a,c\n1,2\n");
        async Task Wrong(int code, string words, params string[] args) => (await UeqCommand.Run(["monitor", .. args])).Fails(code, words);

        await Wrong(2, "--stream", "--reference", reference);
        await Wrong(2, "--reference FILE is needed", "--stream", stream);
        await Wrong(2, "there is no file", "--reference", _folder["nowhere.csv"], "--stream", stream);
        await Wrong(2, "expected one of sr, adwin", "--reference", reference, "--stream", stream, "--detector", "adwim");
        await Wrong(2, "expected a number from 1E-06 to 1000000, got 'none'", "--reference", reference, "--stream", stream, "--false-alarms-per-year", "none");
        await Wrong(2, "--error-column COLUMN", "--stream", stream, "--detector", "ddm");
        await Wrong(2, "leave out --columns", "--stream", stream, "--detector", "ddm", "--error-column", "a", "--columns", "a");
        await Wrong(2, "--columns: expected one column or more, got none", "--reference", reference, "--stream", stream, "--columns", ",");
        await Wrong(2, "--plots: expected a directory, and", "--reference", reference, "--stream", stream, "--plots", reference);
        await Wrong(2, "is for --detector ddm and hddm", "--reference", reference, "--stream", stream, "--error-column", "a");
        await Wrong(2, "--thinning is for --detector sr", "--reference", reference, "--stream", stream, "--detector", "adwin", "--thinning", "2");
        await Wrong(1, "there is no watched column 'c'", "--reference", reference, "--stream", stream, "--columns", "a,c");
        await Wrong(1, "there is no watched column 'b'", "--reference", reference, "--stream", other);
        await Wrong(1, "expected rows after the header, got none", "--reference", reference, "--stream", header);
        await Wrong(1, "expected rows after the header, got none", "--reference", header, "--stream", stream);
        await Wrong(1, "line 3, column 'b': expected a number, got 'soon'", "--reference", reference, "--stream", text);
        await Wrong(1, "there is no time column 'at'", "--reference", reference, "--stream", stream, "--time-column", "at");
        await Wrong(1, "expected a time such as", "--reference", reference, "--stream", stream, "--time-column", "a", "--columns", "b");
        await Wrong(1, "expected 0 or 1", "--stream", stream, "--detector", "ddm", "--error-column", "a");
    }

    // Normal rows of a and b; from row 3,001 on b is larger by one standard deviation.
    private (string Reference, string Stream) Shifted() =>
        (_folder.Write("reference.csv", Table(2000, 1, _ => 0)), _folder.Write("stream.csv", Table(6000, 2, row => row > Change ? 1 : 0)));

    private static string Table(int rows, ulong seed, Func<int, double> shift)
    {
        Rng rng = Rng.Stream(11, seed);
        return "a,b\n" + Repeat(rows, row => FormattableString.Invariant($"{rng.NextNormal():0.####},{rng.NextNormal() + shift(row):0.####}\n"));
    }

    private static string Walk(int rows, ulong seed)
    {
        Rng rng = Rng.Stream(12, seed);
        double value = 0;
        return "a\n" + Repeat(rows, _ => FormattableString.Invariant($"{value = 0.8 * value + 0.6 * rng.NextNormal():0.####}\n"));
    }

    private static string Repeat(int rows, Func<int, string> row) => string.Concat(Enumerable.Range(1, rows).Select(row));
}
