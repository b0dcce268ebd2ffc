using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ueq.Monitoring;

/// <summary>Ascending order of finite numbers by their bits: six stable passes over digits of eleven bits, without a comparison.</summary>
/// <remarks>
/// The bits of a double order like the number once negatives are inverted. At a million values about six times faster than comparing;
/// below a few thousand the digits' counters cost more than they save, so short spans are sorted by comparing.
/// </remarks>
internal static class RadixSort
{
    private const int Digits = 6, Bits = 11, Places = 1 << Bits, ShortSpan = 3000;
    private const ulong Mask = Places - 1;

    public static void Ascending(Span<double> values)
    {
        if (values.Length < ShortSpan)
        {
            values.Sort();
            return;
        }

        double[] rented = ArrayPool<double>.Shared.Rent(values.Length);
        int[] counts = ArrayPool<int>.Shared.Rent(Digits * Places);
        try
        {
            Sort(values, rented.AsSpan(0, values.Length), counts.AsSpan(0, Digits * Places));
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
            ArrayPool<int>.Shared.Return(counts);
        }
    }

    private static void Sort(Span<double> values, Span<double> scratch, Span<int> counts)
    {
        Span<ulong> from = MemoryMarshal.Cast<double, ulong>(values), to = MemoryMarshal.Cast<double, ulong>(scratch);
        counts.Clear();
        ref int first = ref MemoryMarshal.GetReference(counts);
        for (int i = 0; i < from.Length; i++)
        {
            ulong key = from[i];
            key ^= (ulong)((long)key >> 63) | 0x8000_0000_0000_0000UL;
            from[i] = key;
            for (int digit = 0; digit < Digits; digit++) Unsafe.Add(ref first, digit * Places + (int)((key >> (digit * Bits)) & Mask))++;
        }

        for (int digit = 0; digit < Digits; digit++)
        {
            Span<int> places = counts.Slice(digit * Places, Places);
            // A digit that all values share moves nothing.
            if (places[(int)((from[0] >> (digit * Bits)) & Mask)] == from.Length) continue;
            int sum = 0;
            for (int p = 0; p < Places; p++) (places[p], sum) = (sum, sum + places[p]);
            ref int place = ref MemoryMarshal.GetReference(places);
            ref ulong target = ref MemoryMarshal.GetReference(to);
            foreach (ulong key in from) Unsafe.Add(ref target, Unsafe.Add(ref place, (int)((key >> (digit * Bits)) & Mask))++) = key;
            Span<ulong> swap = from;
            from = to;
            to = swap;
        }

        Span<ulong> result = MemoryMarshal.Cast<double, ulong>(values);
        for (int i = 0; i < from.Length; i++)
        {
            ulong key = from[i];
            result[i] = key ^ ((ulong)((long)~key >> 63) | 0x8000_0000_0000_0000UL);
        }
    }
}
