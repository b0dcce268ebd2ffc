using System.Security.Cryptography;

namespace Ueq.Monitoring.Tests;

/// <summary>What a saved watch knows when it goes on.</summary>
public sealed class WatchStateTests
{
    [Fact]
    public void ARebaselinedWatchIsRestoredAndItsReferenceIsReadAgain()
    {
        DriftReference reference = new Streams(50).Reference(2000);
        ModelWatch watch = new(reference, WatchTests.Yearly);
        new Streams(51) { Shift = 2 }.AddTo(watch, 3000);
        watch.Rebaseline(Streams.At);
        using MemoryStream state = new(), written = new();
        watch.Save(state);
        ModelWatch restored = ModelWatch.Restore(new MemoryStream(state.ToArray()), reference, WatchTests.Yearly);
        Assert.Equal((1000, 2000), (restored.Reference.Signals[0].Rows, restored.Reference.Signals[1].Rows));
        watch.Reference.Save(written);
        Assert.Equal(1000, DriftReference.Restore(new MemoryStream(written.ToArray())).Signals[0].Rows);
        foreach (ModelWatch one in new[] { watch, restored }) new Streams(53).AddTo(one, 1000);
        Assert.Equal(WatchTests.Essence(watch), WatchTests.Essence(restored));
        Assert.Equal(2, restored.Read().Signals[0].Epoch);
    }

    [Fact]
    public void AStateOfTheFirstVersionIsRead()
    {
        ModelWatch watch = new(new Streams(80).Reference(300), WatchTests.Yearly);
        new Streams(81).AddTo(watch, 700);
        using MemoryStream state = new();
        watch.Save(state);
        byte[] content = state.ToArray()[..^SHA256.HashSizeInBytes];
        int scores = 4 + 4 + BitConverter.ToInt32(content, 4) + 8;
        byte[] first = [1, .. content[1..scores], .. content[(scores + 8)..]];
        ModelWatch restored = ModelWatch.Restore(new MemoryStream([.. first, .. SHA256.HashData(first)]), watch.Reference, WatchTests.Yearly);
        Assert.Equal(700, restored.Rows);
        Assert.Equal(WatchTests.Essence(watch), WatchTests.Essence(restored));
    }

    [Fact]
    public void ARestoredWatchGoesOnAsIfNothingHadHappened()
    {
        DriftReference reference = new Streams(80).Reference(700);
        ModelWatch one = new(reference, WatchTests.Yearly);
        new Streams(81).AddTo(one, 700);
        new Streams(82) { Shift = 1 }.AddTo(one, 700);
        using MemoryStream state = new();
        one.Save(state);
        ModelWatch two = ModelWatch.Restore(new MemoryStream(state.ToArray()), reference, WatchTests.Yearly);
        Assert.Equal(one.TakeTransitions(), two.TakeTransitions());
        foreach (ModelWatch watch in new[] { one, two }) new Streams(83).AddTo(watch, 5000);
        Assert.Equal(WatchTests.Essence(one), WatchTests.Essence(two));
        Assert.Equal(one.TakeTransitions(), two.TakeTransitions());
        Assert.Equal(one.Read().Signals[0].LastAlarm, two.Read().Signals[0].LastAlarm);
    }

    [Fact]
    public void ADamagedStateIsRefusedWhateverByteIsWrong()
    {
        DriftReference reference = new Streams(85).Reference(200);
        ModelWatch watch = new(reference, WatchTests.Yearly);
        new Streams(86).AddTo(watch, 300);
        using MemoryStream state = new();
        watch.Save(state);
        byte[] sound = state.ToArray();
        for (int at = 0; at < sound.Length; at += 211)
        {
            byte[] damaged = [.. sound];
            damaged[at] ^= 0x10;
            Assert.Throws<InvalidDataException>(() => ModelWatch.Restore(new MemoryStream(damaged), reference, WatchTests.Yearly));
            Assert.Throws<InvalidDataException>(() => ModelWatch.Restore(new MemoryStream(sound, 0, at), reference, WatchTests.Yearly));
        }

        DriftReference other = DriftReference.OfColumns(["b"], new FeatureMatrix(new float[] { 1, 2, 3 }, 1), []);
        Assert.Contains("other signals", Assert.Throws<InvalidDataException>(() => ModelWatch.Restore(new MemoryStream(sound), other, WatchTests.Yearly)).Message, StringComparison.Ordinal);
    }
}
