using System.Buffers.Binary;

namespace Ueq.Storage.Tests;

/// <summary>Labels of the tests.</summary>
internal static class Labels
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static Guid Receipt(long number)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), number);
        return new Guid(bytes, bigEndian: true);
    }

    public static long Number(Guid receipt) => BinaryPrimitives.ReadInt64BigEndian(receipt.ToByteArray(bigEndian: true).AsSpan(8));

    public static LabelRecord Of(long number, string model = "m", string version = "1") => new(
        Receipt(number), model, version, number % 2 == 0 ? "even" : null, Noon.AddSeconds(number), Noon.AddSeconds(number + 60).AddTicks(1),
        number, number - 1.5, number + 1.5, number + 0.1, 0.1 - 1.5, Covered: number % 10 != 0)
    { Coverage = number % 3 == 0 ? 0.9 : double.NaN };

    public static LabelRecord[] Range(long first, int count, string model = "m", string version = "1") =>
        [.. Enumerable.Range(0, count).Select(i => Of(first + i, model, version))];

    public static async Task<List<StoredLabel>> All(this UeqStore store, string model = "m", string version = "1", long after = 0)
    {
        List<StoredLabel> all = [];
        await foreach (StoredLabel label in store.ReadLabelsAsync(model, version, after, default)) all.Add(label);
        return all;
    }
}
