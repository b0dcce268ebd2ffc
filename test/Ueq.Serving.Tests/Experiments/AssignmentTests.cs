using System.Text;
using Ueq.Serving.Experiments;

namespace Ueq.Serving.Tests.Experiments;

/// <summary>Who gets which arm: for ever the same.</summary>
public sealed class AssignmentTests
{
    // By an XXH64 in Python, written from the specification and checked by its vectors of "" and "abc".
    [Theory]
    [InlineData("checkout", "user-1", 0x03db8e556f99b63f, 0.015068908556350236, 207)]
    [InlineData("checkout", "user-2", 0x2ffac48995d81050, 0.18742016181008148, 193)]
    [InlineData("checkout", "Zoë", unchecked((long)0xb6627607940e3316), 0.7124398964406786, 42)]
    [InlineData("s", "a", 0x14c9fec8e108eaf2, 0.08120720295213213, 137)]
    [InlineData("canary-2026", "u*256", 0x64d5bffac49e7a27, 0.39388656494394947, 61)]
    public void ALotNeverChanges(string salt, string user, long hash, double share, byte bucket)
    {
        if (user == "u*256") user = new string('u', 256);
        Assert.Equal(new Lot(share, bucket, (ulong)hash), Of(salt, user));
    }

    [Fact]
    public void ACanaryThatGrowsTakesUsersAndGivesNoneBack()
    {
        int[] before = Arms(0.9, 0.1), after = Arms(0.7, 0.3);
        Assert.All(before.Zip(after), pair => Assert.True(pair.First <= pair.Second));
        Assert.InRange(before.Count(a => a == 1), 880, 1120);
        Assert.InRange(after.Count(a => a == 1), 2820, 3180);
    }

    [Fact]
    public void AnotherSaltDrawsLotsAnew()
    {
        int same = Enumerable.Range(0, 10_000).Count(i => Of("one", $"{i}").Share < 0.5 == Of("two", $"{i}").Share < 0.5);
        Assert.InRange(same, 4800, 5200);
    }

    [Fact]
    public void WeightsAreSharesOfTheirSum()
    {
        double[] ends = Assignment.Ends([new("a", 2), new("b", 1), new("c", 1)]);
        Assert.Equal([0.5, 0.75, 1], ends);
        Assert.Equal([0, 0, 1, 2, 2], new[] { 0, 0.49999, 0.5, 0.75, 1 - 1e-16 }.Select(share => Assignment.ArmOf(share, ends)));
    }

    private static Lot Of(string salt, string user) => Assignment.Of(Encoding.UTF8.GetBytes(salt), Encoding.UTF8.GetBytes(user));

    private static int[] Arms(params double[] weights)
    {
        double[] ends = Assignment.Ends([.. weights.Select((w, i) => new ExperimentArm($"{i}", w))]);
        return [.. Enumerable.Range(0, 10_000).Select(i => Assignment.ArmOf(Of("salt", $"user-{i}").Share, ends))];
    }
}
