#pragma warning disable CA1051, CA1052, CA1812, CA1852, CA1034, CA1815, CA1000, CA1805, CA1801, IDE0060
namespace Ueq.HouseLaws.Violations;

/// <summary>Breaks every law of types, so that each law can be seen to fail.</summary>
public class OpenManager
{
    public int Count;

    public OpenManager(bool fast) => Count = fast ? 1 : 0;

    public bool Quiet { get; set; }

    public static void Run(bool? loudly) => _ = loudly;

    public override bool Equals(object? obj) => obj is OpenManager;

    public override int GetHashCode() => Count;

    public async Task<int> Wait()
    {
        await Task.Yield();
        return Count;
    }

    public List<Xunit.TestContext[]> Foreign() => [];
}

public struct Loose
{
    public int Value { get; set; }
}

public sealed class LooseOptions;

/// <summary>Keeps every law.</summary>
public sealed record Fine(bool IsFine)
{
    public const int Limit = 3;

    public static readonly int Start = Limit;
}

public sealed record FineOptions;

public sealed class Foreigner : IEqualityComparer<bool>
{
    public bool Equals(bool x, bool y) => x == y;

    public int GetHashCode(bool obj) => obj ? 1 : 0;
}
