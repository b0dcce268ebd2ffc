using Ueq.Serving.Watching;

namespace Ueq.Serving.Tests;

public sealed class RowIntakeTests
{
    [Fact]
    public void AMonitorThatIsBehindDropsAndCountsAndNobodyWaitsForIt()
    {
        const int Width = 4, Blocks = 32, BlockRows = 16_384 / Width, Rows = 1000, Requests = 200;
        using ManualResetEventSlim free = new();
        long handled = 0;
        using RowIntake intake = new(Width, 0, valuesPerSecond: 0, TimeProvider.System, block =>
        {
            free.Wait(TestContext.Current.CancellationToken);
            Interlocked.Add(ref handled, block.Rows);
        });
        FeatureMatrix x = new(new float[Rows * Width], Width);
        double[] answers = new double[Rows];
        for (int request = 0; request < Requests; request++) intake.Add(x, answers, answers, []);
        // Nothing has been looked at, and every request has gone on.
        Assert.Equal((0, Requests * Rows - Blocks * BlockRows), (Interlocked.Read(ref handled), intake.Dropped));

        free.Set();
        Assert.True(SpinWait.SpinUntil(() => intake.IsIdle, TimeSpan.FromMinutes(1)));
        intake.Add(x, answers, answers, []);
        intake.Flush();
        Assert.True(SpinWait.SpinUntil(() => Interlocked.Read(ref handled) == Blocks * BlockRows + Rows, TimeSpan.FromMinutes(1)));
        Assert.Equal(Requests * Rows - Blocks * BlockRows, intake.Dropped);
    }
}
