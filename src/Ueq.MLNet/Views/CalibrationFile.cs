namespace Ueq.MLNet.Views;

/// <summary>The parts of a calibration in an archive of ML.NET; little-endian, damage is named.</summary>
internal static class CalibrationFile
{
    public static Coverage ReadCoverage(BinaryReader reader)
    {
        double value = reader.ReadDouble();
        return value is > 0 and < 1 ? new Coverage(value) : throw new InvalidDataException(FormattableString.Invariant($"Expected a coverage between 0 and 1 in the calibration, got {value}."));
    }

    public static void WriteScores(BinaryWriter writer, ReadOnlySpan<double> scores)
    {
        writer.Write(scores.Length);
        foreach (double score in scores) writer.Write(score);
    }

    public static double[] ReadScores(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count < 1) throw new InvalidDataException($"Expected one score or more in the calibration, got {count}.");
        // Grows with what is really there, so that a false count cannot ask for memory.
        List<double> scores = [];
        for (int i = 0; i < count; i++)
        {
            double score = reader.ReadDouble();
            scores.Add(double.IsFinite(score) ? score : throw new InvalidDataException(FormattableString.Invariant($"Expected finite scores in the calibration, got {score} at {i}.")));
        }

        return [.. scores];
    }
}
