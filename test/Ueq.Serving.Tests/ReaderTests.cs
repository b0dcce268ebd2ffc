using System.Globalization;
using System.Text;

namespace Ueq.Serving.Tests;

public sealed class ReaderTests
{
    private static readonly string[] Hard =
    [
        "0", "-0", "0.0", "1", "16777217", "16777216.9999", "33554435", "9007199254740993", "1.00000005960464477", "1.00000005960464478",
        "1.000000059604644775390625", "1.4e-45", "7e-46", "1.17549435e-38", "3.4028235e38", "3.4028236e38", "1e22", "1e-22", "123456789012345678901234567890",
        "0.1", "0.2", "0.30000001192092896", "8388608.5", "8388609.5", "4503599627370497.5", "1E5", "1e+5", "1.5E-5", "9999999999999999999",
    ];

    [Fact]
    public void AFloatIsAlwaysTheNearest()
    {
        foreach (string text in Hard) AssertSame(text);
        Rng rng = Rng.Stream(11, 1);
        for (int i = 0; i < 50_000; i++)
        {
            float value = BitConverter.UInt32BitsToSingle((uint)(rng.NextBits() >> 32));
            if (!float.IsFinite(value)) continue;
            AssertSame(value.ToString("R", CultureInfo.InvariantCulture));

            // The middle between two floats and its neighbours are where a second rounding would show.
            double middle = ((double)value + MathF.BitIncrement(value)) / 2;
            AssertSame(middle.ToString("R", CultureInfo.InvariantCulture));
            AssertSame(Math.BitIncrement(middle).ToString("R", CultureInfo.InvariantCulture));
            AssertSame(middle.ToString("F7", CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void ADoubleIsWrittenAsTheRuntimeWritesIt()
    {
        Span<byte> text = stackalloc byte[ShortestDouble.Room];
        Rng rng = Rng.Stream(13, 1);
        double[] hard = [0, -0.0, 1, 0.1, 0.3, 2.5, 1e-5, 9.999999999999999e-6, 999999999999999, 1e15, 0.5, 1024, 123456.78901, double.Epsilon, double.MaxValue, 4503599627370496.5, 1.0 / 3];
        for (int i = 0; i < 150_000 + hard.Length; i++)
        {
            double value = i < hard.Length ? hard[i] : (i % 5) switch
            {
                0 => BitConverter.UInt64BitsToDouble(rng.NextBits()),
                1 => rng.NextNormal() * Math.Pow(10, rng.NextIndex(18) - 4),
                2 => (float)rng.NextNormal(),
                3 => Math.Round(rng.NextNormal() * 1000, rng.NextIndex(8)),
                _ => Math.ScaleB(1, rng.NextIndex(66) - 16),
            };
            if (!double.IsFinite(value)) continue;
            int length = ShortestDouble.Write(value, text);
            string expected = value.ToString("R", CultureInfo.InvariantCulture);
            Assert.True(Encoding.ASCII.GetString(text[..length]) == expected, $"expected {expected}, got {Encoding.ASCII.GetString(text[..length])}");
        }
    }

    [Fact]
    public void TheQuickReaderReadsWhatTheCarefulOneReads()
    {
        string[] pieces =
        [
            "{", "}", "[", "]", ",", ":", " ", "\n", "\"X\"", "\"monitor\"", "\"coverage\"", "true", "false", "null", "0.5", "1", "-2.25", "01", "1.", ".5", "-", "1e2", "1e", "\"a\"", "NaN",
        ];
        string[] whole = ["{\"X\":[[1,2],[3,4]]}", "{\"X\": [[-1.5, 2e1]], \"monitor\": false}", "{\"coverage\":0.8,\"X\":[[0.1,0.2]],\"return_uncertainty\":false}"];
        FeatureSchema schema = FeatureSchema.Numeric(2);
        Rng rng = Rng.Stream(12, 1);
        int accepted = 0;
        for (int i = 0; i < 20_000; i++)
        {
            // A good body with one piece put in or one stretch taken out.
            string body = whole[rng.NextIndex(whole.Length)];
            int at = rng.NextIndex(body.Length + 1);
            body = rng.NextIndex(2) == 0 ? body.Insert(at, pieces[rng.NextIndex(pieces.Length)]) : body.Remove(at, Math.Min(rng.NextIndex(3), body.Length - at));
            byte[] bytes = Encoding.UTF8.GetBytes(body);
            PredictWork quick = Begun(), careful = Begun();
            if (!new QuickReader(bytes).TryRead(2, 100, quick)) continue;
            accepted++;
            PredictReader.ReadCarefully(bytes, schema, 100, careful);
            Assert.Equal(careful.Rows, quick.Rows);
            Assert.Equal(careful.Coverage, quick.Coverage);
            Assert.Equal((careful.WantsMonitoring, careful.WantsUncertainty), (quick.WantsMonitoring, quick.WantsUncertainty));
            Assert.Equal(careful.Features.Span(careful.Rows * 2).ToArray(), quick.Features.Span(quick.Rows * 2).ToArray());
        }

        Assert.InRange(accepted, 500, 19_000);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(32, true)]
    [InlineData(32, false)]
    public void ReadingPredictingAndWritingAllocateNothing(int rows, bool quick)
    {
        UeqServiceConfig config = new();
        ServedModel model = new("y", "y", Fakes.Sum(quick ? FeatureSchema.Numeric(3) : Fakes.Mixed, reference: false), config, TimeProvider.System);
        string row = quick ? "[1.5,2,3]" : "[1.5,\"green\",null]";
        byte[] body = Encoding.UTF8.GetBytes($"{{\"X\":[{string.Join(",", Enumerable.Repeat(row, rows))}]}}");
        PredictWork work = new();
        for (int i = 0; i < 200; i++) Once(model, body, work);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) Once(model, body, work);
        long perRequest = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        Assert.True(perRequest == 0, $"{perRequest} bytes per request");
    }

    private static void Once(ServedModel model, byte[] body, PredictWork work)
    {
        work.Begin(default, 1000);
        PredictReader.Read(body, model.Schema, 1000, work);
        Prediction.Run(model, work, int.MaxValue, 1, default);
        AnswerWriter.WriteRows(model, work);
        AnswerWriter.WriteRest(model, work, 1e-5, 17);
        work.Trim();
    }

    private static PredictWork Begun()
    {
        PredictWork work = new();
        work.Begin(default, 1000);
        return work;
    }

    private static void AssertSame(string text)
    {
        float expected = float.Parse(text, CultureInfo.InvariantCulture), actual = FloatText.Read(Encoding.UTF8.GetBytes(text));
        Assert.True(BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual), $"{text}: expected {expected:R}, got {actual:R}");
    }
}
