using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ueq.Serving.Inference;

/// <content>What the model answers, as tensors.</content>
internal sealed partial class ServedInference
{
    private const int Label = 0, Probabilities = 1, Sets = 2;
    private const int Mean = 0, Lower = 1;

    private void ReserveRegression(InferWork work)
    {
        int n = work.Rows.Rows, k = work.LevelCount;
        Array.Fill(work.Places, -1);
        int count = work.Wanted.Count == 0 ? Outputs.Count : work.Wanted.Count;
        for (int i = 0; i < count; i++)
        {
            if (Wanted(work, i, out TensorPlace place) is not (>= 0 and var output)) continue;
            TensorShape shape = output == Mean ? TensorShape.Of(n) : TensorShape.Of(n, k);
            work.Places[output] = work.Answered.Length;
            work.Answer(Outputs[output].Utf8, TensorType.Fp64, shape, place, n * (output == Mean ? 1 : k) * sizeof(double));
        }
    }

    private void TakeLevel(InferWork work, int level)
    {
        if (_model.Classes > 0) return;
        int n = work.Rows.Rows, k = work.LevelCount;
        ReadOnlySpan<Interval> intervals = work.Rows.Intervals.Span(n);
        for (int end = Lower; end < work.Places.Length; end++)
        {
            if (work.Places[end] < 0) continue;
            Span<double> ends = work.DoublesAt(work.Places[end], n * k)[level..];
            for (int i = 0; i < n; i++) ends[i * k] = end == Lower ? intervals[i].Lower : intervals[i].Upper;
        }
    }

    private int End(InferWork work)
    {
        int n = work.Rows.Rows;
        if (_model.Classes > 0) AddClassification(work);
        else if (work.Places[Mean] >= 0) work.Rows.Predictions.Span(n).CopyTo(work.DoublesAt(work.Places[Mean], n));
        if (work.Rows.WantsReceipts) AddReceipts(work);
        return n;
    }

    private void AddClassification(InferWork work)
    {
        PredictWork rows = work.Rows;
        int n = rows.Rows, c = _model.Classes, count = work.Wanted.Count == 0 ? Outputs.Count : work.Wanted.Count;
        ReadOnlySpan<double> probabilities = rows.Probabilities.Span(n * c);
        TensorShape table = TensorShape.Of(n, c);
        for (int i = 0; i < count; i++)
        {
            switch (Wanted(work, i, out TensorPlace place))
            {
                case < 0: break;
                case Label: AddLabels(work, place); break;
                case Probabilities: MemoryMarshal.AsBytes(probabilities).CopyTo(work.Answer("probabilities"u8, TensorType.Fp64, table, place, n * c * sizeof(double))); break;
                case Sets: WriteSets(rows.Sets.Span(n * LabelSet.WordsFor(c)), c, work.Answer("sets"u8, TensorType.Bool, table, place, n * c)); break;
                default:
                    Span<double> ranks = MemoryMarshal.Cast<byte, double>(work.Answer("p_values"u8, TensorType.Fp64, table, place, n * c * sizeof(double)));
                    for (int r = 0; r < ranks.Length; r++) ranks[r] = _calibration!.PValue(probabilities[r]);
                    break;
            }
        }
    }

    private static void WriteSets(ReadOnlySpan<ulong> words, int classes, Span<byte> sets)
    {
        for (int row = 0; row < sets.Length / classes; row++)
        {
            LabelSet set = LabelSet.At(words, row, classes);
            for (int label = 0; label < classes; label++) sets[row * classes + label] = (byte)(set.Contains(label) ? 1 : 0);
        }
    }

    private void AddLabels(InferWork work, TensorPlace place)
    {
        int n = work.Rows.Rows, length = 0;
        ReadOnlySpan<double> predictions = work.Rows.Predictions.Span(n);
        foreach (double label in predictions) length += 4 + _labels[(int)label].Length;
        Span<byte> texts = work.Answer("label"u8, TensorType.Bytes, TensorShape.Of(n), place, length);
        foreach (double label in predictions) texts = Put(texts, _labels[(int)label]);
    }

    // The issuer writes JSON texts; none has anything in it that JSON would escape.
    private void AddReceipts(InferWork work)
    {
        TensorPlace place = TensorPlace.AsAsked;
        for (int i = 0; i < work.Wanted.Count; i++)
            if (work.NameOf(work.Wanted[i]).SequenceEqual("receipts"u8)) place = work.Wanted[i].Place;
        JsonBytes json = work.Rows.Json;
        json.Clear();
        _parts.Receipts.Write(_model, work.Rows, 0, work.Rows.Rows);
        // Two quotes and a comma give way to the four bytes of the length.
        int n = work.Rows.Rows;
        Span<byte> texts = work.Answer("receipts"u8, TensorType.Bytes, TensorShape.Of(n), place, json.Length - (3 * n - 1) + 4 * n);
        ReadOnlySpan<byte> rest = json.Written.Span;
        while (!rest.IsEmpty)
        {
            int end = rest[1..].IndexOf((byte)'"');
            texts = Put(texts, rest.Slice(1, end));
            rest = rest[Math.Min(end + 3, rest.Length)..];
        }
    }

    private static Span<byte> Put(Span<byte> texts, ReadOnlySpan<byte> text)
    {
        BinaryPrimitives.WriteInt32LittleEndian(texts, text.Length);
        text.CopyTo(texts[4..]);
        return texts[(4 + text.Length)..];
    }

    // The output at a place of those that are wanted; −1 for receipts, which come last.
    private int Wanted(InferWork work, int index, out TensorPlace place)
    {
        place = TensorPlace.AsAsked;
        if (work.Wanted.Count == 0) return index;
        place = work.Wanted[index].Place;
        return OutputOf(work.NameOf(work.Wanted[index]));
    }

    private int OutputOf(ReadOnlySpan<byte> name)
    {
        for (int o = 0; o < Outputs.Count; o++)
            if (name.SequenceEqual(Outputs[o].Utf8)) return o;
        return -1;
    }
}
