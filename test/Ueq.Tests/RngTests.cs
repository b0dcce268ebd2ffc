using CsCheck;

namespace Ueq.Tests;

public sealed class RngTests
{
    private static ulong[] Bits(ulong seed, ulong stream, int count)
    {
        Rng rng = Rng.Stream(seed, stream);
        return [.. Enumerable.Range(0, count).Select(_ => rng.NextBits())];
    }

    [Fact]
    public void TheSameStreamGivesTheSameNumbers() => Gen.Select(Gen.ULong, Gen.ULong).Sample((seed, stream) => Bits(seed, stream, 8).SequenceEqual(Bits(seed, stream, 8)));

    [Fact]
    public void NoTwoOfManySeedsAndStreamsBeginAlike()
    {
        HashSet<ulong> first = [];
        for (ulong seed = 0; seed < 300; seed++)
            for (ulong stream = 0; stream < 300; stream++)
                Assert.True(first.Add(Bits(seed, stream, 1)[0]), $"seed {seed}, stream {stream}");
    }

    [Fact]
    public void NumbersAreThoseOfAnIndependentImplementation()
    {
        // SplitMix64 and xoshiro256** written from their papers in Python.
        Assert.Equal([0xFB5405F7BD79C540UL], Bits(0, 0, 1));
        Assert.Equal([0x163C1E3737F4F8A1UL, 0xB6740EAAE670D52FUL, 0x37202F9DA8F83921UL], Bits(42, 7, 3));
    }

    [Fact]
    public void UniformsFillTheirBinsEvenly()
    {
        int[] bins = new int[64];
        for (ulong stream = 0; stream < 64; stream++)
        {
            Rng rng = Rng.Stream(11, stream);
            for (int i = 0; i < 1000; i++) bins[(int)(rng.NextUniform() * 64)]++;
        }

        // χ² with 63 degrees of freedom: 99.99 % lie below 112.
        Assert.InRange(bins.Sum(count => (count - 1000.0) * (count - 1000.0) / 1000), 28, 112);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100)]
    public void IndicesAreEven(int bound)
    {
        Rng rng = Rng.Stream(5, (ulong)bound);
        int[] counts = new int[bound];
        for (int i = 0; i < 1000 * bound; i++) counts[rng.NextIndex(bound)]++;
        double chi = counts.Sum(count => (count - 1000.0) * (count - 1000.0) / 1000), free = bound - 1;
        Assert.True(chi < free + 4 * Math.Sqrt(2 * free) + 8, $"χ² {chi} with {free} degrees of freedom");
    }

    [Fact]
    public void IndicesBelowALargeBoundAreEven()
    {
        // Near 2³¹, where a product of 32 bits has its fewest spare bits.
        Rng rng = Rng.Stream(5, 1);
        const int bound = (int)(int.MaxValue / 3.0 * 2.9);
        int low = 0;
        for (int i = 0; i < 100_000; i++) if (rng.NextIndex(bound) < bound / 2) low++;
        Assert.InRange(low, 49_300, 50_700);
        Assert.Equal(0, rng.NextIndex(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Rng.Stream(1, 1).NextIndex(0));
    }

    [Fact]
    public void NormalsHaveTheMomentsOfTheNormal()
    {
        Rng rng = Rng.Stream(9, 2);
        double[] z = [.. Enumerable.Range(0, 100_000).Select(_ => rng.NextNormal())];
        Assert.Equal(0, z.Average(), 0.015);
        Assert.Equal(1, z.Average(v => v * v), 0.02);
        Assert.Equal(0, z.Average(v => v * v * v), 0.05);
        Assert.Equal(3, z.Average(v => v * v * v * v), 0.15);
    }

    [Fact]
    public void EveryOrderOfFourComesAsOften()
    {
        Dictionary<string, int> orders = [];
        Rng rng = Rng.Stream(1, 3);
        for (int i = 0; i < 24_000; i++)
        {
            char[] items = ['a', 'b', 'c', 'd'];
            rng.Shuffle<char>(items);
            string order = new(items);
            orders[order] = orders.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(24, orders.Count);
        Assert.InRange(orders.Values.Sum(count => (count - 1000.0) * (count - 1000.0) / 1000), 5, 60);
    }
}
