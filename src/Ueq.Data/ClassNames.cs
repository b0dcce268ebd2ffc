using System.Text;

namespace Ueq.Data;

/// <summary>The classes of a target column in the order of their indices: by value if all are numbers, else ordinally.</summary>
internal static class ClassNames
{
    public static string[] Order(IReadOnlyCollection<string> names, Func<string, Exception> fault)
    {
        if (names.Count < 2)
            throw new AssumptionException(Assumption.Variation, fault($"expected two classes or more, got {NearestName.List(names)} only").Message);
        (string Name, double Value)[] numbered = [.. names.Select(name => (name, Value(name)))];
        if (Array.Exists(numbered, n => double.IsNaN(n.Value))) return [.. names.Order(StringComparer.Ordinal)];
        Array.Sort(numbered, (a, b) => a.Value.CompareTo(b.Value));
        for (int i = 1; i < numbered.Length; i++)
        {
            if (numbered[i].Value == numbered[i - 1].Value)
                throw fault($"the classes '{numbered[i - 1].Name}' and '{numbered[i].Name}' are one number in two spellings; write it one way");
        }

        return [.. numbered.Select(n => n.Name)];
    }

    private static double Value(string name) =>
        Cell.TryNumber(Encoding.UTF8.GetBytes(name), out double value) && double.IsFinite(value) ? value : double.NaN;
}
