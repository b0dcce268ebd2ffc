namespace Ueq.Bench.Quality;

/// <summary>Puts a table into the README where a mark asks for it, so that it is never typed.</summary>
internal static class Readme
{
    public static void Insert(string repository, string name, IEnumerable<string> table)
    {
        string file = Path.Combine(repository, "README.md"), text = File.ReadAllText(file), begin = $"<!-- table:{name} -->\n";
        int start = text.IndexOf(begin, StringComparison.Ordinal);
        if (start < 0) return;
        start += begin.Length;
        int end = text.IndexOf("<!-- /table -->", start, StringComparison.Ordinal);
        if (end < 0) throw new InvalidDataException($"{file}: the mark of table {name} has no end.");
        File.WriteAllText(file, text[..start] + string.Concat(table.Select(line => line + "\n")) + text[end..]);
    }
}
