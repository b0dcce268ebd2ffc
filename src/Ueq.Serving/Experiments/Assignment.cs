using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Ueq.Serving.Experiments;

/// <summary>Which arm a user gets: the same in every process, on every machine, for ever.</summary>
/// <remarks>
/// h = XxHash64(salt, a zero byte, user id; seed 0), all UTF-8; its first 53 bits are a number in [0, 1), and the arm is the one in whose part of
/// the cumulative weights it lies. The arm that is not the control lies at the end, so a canary that grows takes users from the control and
/// gives none back. The bucket, by which rows of one user are known to belong together, is the low byte of the same hash with seed 1.
/// </remarks>
internal static class Assignment
{
    public const int MostUserBytes = 256;
    public const int Buckets = 256;

    private const double Unit = 1.0 / (1L << 53);

    private static readonly long Nonce = BitConverter.ToInt64(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));

    /// <summary>The lot of a user.</summary>
    public static Lot Of(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> user)
    {
        Span<byte> text = stackalloc byte[ExperimentRules.MostSaltBytes + 1 + MostUserBytes];
        salt.CopyTo(text);
        text[salt.Length] = 0;
        user.CopyTo(text[(salt.Length + 1)..]);
        return Of(text[..(salt.Length + 1 + user.Length)]);
    }

    /// <summary>The lot of a request of which no user is known: another one each time.</summary>
    public static Lot Of(long request)
    {
        Span<byte> text = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(text, Nonce);
        BinaryPrimitives.WriteInt64LittleEndian(text[8..], request);
        return Of(text);
    }

    /// <summary>The arm in whose part a share lies; <paramref name="ends"/> are the cumulative shares, the last of them 1.</summary>
    public static int ArmOf(double share, ReadOnlySpan<double> ends)
    {
        int arm = 0;
        while (arm < ends.Length - 1 && share >= ends[arm]) arm++;
        return arm;
    }

    /// <summary>The cumulative shares of weights.</summary>
    public static double[] Ends(IReadOnlyList<ExperimentArm> arms)
    {
        double all = arms.Sum(a => a.Weight), sum = 0;
        double[] ends = new double[arms.Count];
        for (int i = 0; i < ends.Length; i++) ends[i] = (sum += arms[i].Weight) / all;
        return ends;
    }

    public static byte[] SaltOf(ExperimentConfig experiment) => Encoding.UTF8.GetBytes(experiment.Salt ?? experiment.Name);

    private static Lot Of(ReadOnlySpan<byte> text)
    {
        ulong hash = XxHash64.HashToUInt64(text);
        return new Lot((hash >> 11) * Unit, (byte)XxHash64.HashToUInt64(text, 1), hash);
    }
}

/// <summary>What was drawn for a user or a request.</summary>
/// <param name="Share">In [0, 1): chooses the arm.</param>
/// <param name="Bucket">Which of 256 groups of users this one is in.</param>
/// <param name="Hash">The whole hash, by which users are counted.</param>
internal readonly record struct Lot(double Share, byte Bucket, ulong Hash);
