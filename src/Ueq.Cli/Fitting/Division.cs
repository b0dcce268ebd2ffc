using Ueq.Conformal;
using Ueq.Data;

namespace Ueq.Cli.Fitting;

/// <summary>Which rows train and which test, once per repetition.</summary>
internal sealed record Division(int[] Train, int[] Test)
{
    private const ulong RepeatStride = 1_000_003;

    /// <summary>Random divisions: repetition r has seed + r·1,000,003, so that neighbouring seeds share none.</summary>
    public static IReadOnlyList<Division> Random(int rows, double testShare, ulong seed, int repeats) =>
        [.. Enumerable.Range(0, repeats).Select(repeat => Random(rows, testShare, seed + (ulong)repeat * RepeatStride))];

    /// <summary>Divisions from files: one division a line, or the one that is named.</summary>
    public static IReadOnlyList<Division> FromFiles(string trainFile, string testFile, string split, int rows)
    {
        if (split != "all")
        {
            if (!int.TryParse(split, out int number) || number < 0) throw new UsageException($"--split: expected a number from 0, or all, got '{split}'.");
            return [Read(trainFile, testFile, number, rows)];
        }

        int lines = Lines(trainFile), others = Lines(testFile);
        if (lines != others) throw new InvalidDataException($"{testFile}: expected {lines} lines as in {trainFile}, one a split; got {others}.");
        if (lines == 0) throw new InvalidDataException($"{trainFile}: expected one split a line, got none.");
        return [.. Enumerable.Range(0, lines).Select(line => Read(trainFile, testFile, line, rows))];
    }

    // A blank line between splits is a fault that the reading names; at the end it is only an end.
    private static int Lines(string file)
    {
        int lines = 0, last = 0;
        foreach (string line in File.ReadLines(file))
        {
            lines++;
            if (!string.IsNullOrWhiteSpace(line)) last = lines;
        }

        return last;
    }

    private static Division Random(int rows, double testShare, ulong seed)
    {
        // The complement of the seed, so that the rows that test are not drawn like the rows that calibrate.
        SplitRows divided = SplitRows.Divide(rows, testShare, ~seed);
        return new Division(divided.Proper, divided.Calibration);
    }

    private static Division Read(string trainFile, string testFile, int line, int rows)
    {
        int[] train = RowIndexFile.Read(trainFile, line, rows), test = RowIndexFile.Read(testFile, line, rows);
        HashSet<int> seen = [.. train];
        foreach (int row in test)
        {
            if (seen.Contains(row)) throw new InvalidDataException($"{testFile}, line {line + 1}: row {row} also trains (in {trainFile}): a row can only do one.");
        }

        return new Division(train, test);
    }
}
