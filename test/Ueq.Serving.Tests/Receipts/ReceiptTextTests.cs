using System.Text;
using Ueq.Online;
using Ueq.Serving.Experiments;
using Ueq.Serving.Receipts;

namespace Ueq.Serving.Tests.Receipts;

public sealed class ReceiptTextTests
{
    private static readonly string Key = new('k', 32), OtherKey = Convert.ToBase64String(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
    private static readonly byte[] Version = [.. Enumerable.Range(1, 32).Select(i => (byte)i)], Id = [.. Enumerable.Range(100, 16).Select(i => (byte)i)];
    private static readonly DateTimeOffset Issued = new(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero);

    private static byte[] Write(ReceiptKeys keys, int classes = 0, ulong[]? set = null, string group = "")
    {
        byte[] text = new byte[20_000];
        ReceiptHead head = new(Version, Issued.ToUnixTimeMilliseconds(), new Coverage(0.8), classes);
        int length = ReceiptText.Write(keys, head, Id, 1.5, new Interval(double.NegativeInfinity, 2), set, Encoding.UTF8.GetBytes(group), text);
        return text[..length];
    }

    [Theory]
    [InlineData("")]
    [InlineData("région nord")]
    public void AReceiptReadsAsItWasWritten(string group)
    {
        ReceiptKeys keys = ReceiptKeys.From(Key, []);
        byte[] text = Write(keys, group: group);
        Assert.Matches("^[A-Za-z0-9_-]+$", Encoding.ASCII.GetString(text));
        Assert.InRange(text.Length, 100, 180);
        Assert.Equal(ReceiptFault.None, ReceiptText.Read(keys, text, out Receipt receipt));
        Assert.Equal(new Guid(Id, bigEndian: true), receipt.Id);
        Assert.Equal(Issued, receipt.IssuedAt);
        Assert.Equal(Convert.ToHexStringLower(Version), receipt.Version);
        Assert.Equal((new Coverage(0.8), 1.5, new Interval(double.NegativeInfinity, 2), 0), (receipt.Coverage, receipt.Prediction, receipt.Answer, receipt.Classes));
        Assert.Equal(group.Length == 0 ? null : group, receipt.Group);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(65)]
    [InlineData(1000)]
    public void LabelSetsAreInReceiptsBitByBit(int classes)
    {
        ReceiptKeys keys = ReceiptKeys.From(Key, []);
        ulong[] set = new ulong[LabelSet.WordsFor(classes)];
        Rng rng = Rng.Stream(1, (ulong)classes);
        for (int label = 0; label < classes; label++)
            if (rng.NextUniform() < 0.4) set[label >> 6] |= 1UL << (label & 63);
        Assert.Equal(ReceiptFault.None, ReceiptText.Read(keys, Write(keys, classes, set, "g"), out Receipt receipt));
        Assert.Equal(set, receipt.Set);
        Assert.Equal(new Interval(0, new LabelSet(set, classes).Count), receipt.Answer);
        Assert.Equal((classes, "g"), (receipt.Classes, receipt.Group));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("north", false)]
    [InlineData("", true)]
    [InlineData("north", true)]
    public void AnOnlineLevelStandsBesideTheCoverageThatWasAsked(string group, bool arm)
    {
        ReceiptKeys keys = ReceiptKeys.From(Key, []);
        byte[] text = new byte[2000];
        ReceiptHead head = new(Version, Issued.ToUnixTimeMilliseconds(), new Coverage(0.8), 0) { Online = new OnlineLevel(-0.0625), Arm = arm ? "trial\0houses"u8 : default };
        int length = ReceiptText.Write(keys, head, Id, 1.5, Interval.Empty, default, Encoding.UTF8.GetBytes(group), text);
        Assert.Equal(ReceiptFault.None, ReceiptText.Read(keys, text.AsSpan(0, length), out Receipt receipt));
        Assert.Equal((new Coverage(0.8), -0.0625, Interval.Empty), (receipt.Coverage, receipt.OnlineMiss, receipt.Answer));
        Assert.Equal((group.Length == 0 ? null : group, arm ? new ReceiptArm("trial", "houses", 0, ArmShadow.None) : null), (receipt.Group, receipt.Arm));
        Assert.True(ReceiptText.Read(keys, Write(keys), out receipt) == ReceiptFault.None && double.IsNaN(receipt.OnlineMiss));
    }

    [Fact]
    public void EveryChangedCharacterIsSeen()
    {
        ReceiptKeys keys = ReceiptKeys.From(Key, []);
        byte[] text = Write(keys, group: "a");
        byte[] letters = [.. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8];
        for (int i = 0; i < text.Length; i++)
        {
            byte[] changed = [.. text];
            changed[i] = letters[(Array.IndexOf(letters, text[i]) + 32) % 64];
            Assert.NotEqual(ReceiptFault.None, ReceiptText.Read(keys, changed, out _));
            Assert.NotEqual(ReceiptFault.None, ReceiptText.Read(keys, text.AsSpan(0, i), out _));
        }

        foreach (string bad in new[] { "", "!", "=", "ü", new string('A', 50), new string('A', 100_000), Encoding.ASCII.GetString(text) + "A", "AQAA" })
            Assert.NotEqual(ReceiptFault.None, ReceiptText.Read(keys, Encoding.UTF8.GetBytes(bad), out _));
    }

    [Fact]
    public void AnEarlierKeyIsBelievedAndAForeignOneIsNot()
    {
        byte[] text = Write(ReceiptKeys.From(Key, []));
        Assert.Equal(ReceiptFault.None, ReceiptText.Read(ReceiptKeys.From(OtherKey, [Key]), text, out _));
        Assert.Equal(ReceiptFault.ForeignKey, ReceiptText.Read(ReceiptKeys.From(OtherKey, []), text, out _));
        Assert.Equal(ReceiptFault.ForeignKey, ReceiptText.Read(ReceiptKeys.From(null, []), Write(ReceiptKeys.From(null, [])), out _));
        text[^5] = text[^5] == 'A' ? (byte)'B' : (byte)'A';
        Assert.Equal(ReceiptFault.Forged, ReceiptText.Read(ReceiptKeys.From(Key, []), text, out _));
    }

    [Fact]
    public void KeysAreThirtyTwoBytesOrMoreInBase64OrAsText()
    {
        Assert.Equal(32, ReceiptKeys.Bytes(OtherKey)!.Length);
        Assert.Equal(32, ReceiptKeys.Bytes(new string('ä', 16))!.Length);
        Assert.Null(ReceiptKeys.Bytes("secret"));
        Assert.Null(ReceiptKeys.Bytes(""));
        Assert.Null(ReceiptKeys.Bytes(Convert.ToBase64String(new byte[12])));
    }
}
