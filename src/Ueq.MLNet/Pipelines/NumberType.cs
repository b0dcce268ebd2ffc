using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Pipelines;

/// <summary>A type of numbers that a column may hold.</summary>
internal abstract class NumberType
{
    private static readonly Dictionary<Type, NumberType> _all = new()
    {
        [typeof(float)] = new Numbers<float>(float.MinValue, float.MaxValue),
        [typeof(double)] = new Numbers<double>(float.MinValue, float.MaxValue),
        [typeof(sbyte)] = new Numbers<sbyte>(sbyte.MinValue, sbyte.MaxValue),
        [typeof(byte)] = new Numbers<byte>(byte.MinValue, byte.MaxValue),
        [typeof(short)] = new Numbers<short>(short.MinValue, short.MaxValue),
        [typeof(ushort)] = new Numbers<ushort>(ushort.MinValue, ushort.MaxValue),
        // The greatest floats that still fit.
        [typeof(int)] = new Numbers<int>(int.MinValue, 2147483520),
        [typeof(uint)] = new Numbers<uint>(uint.MinValue, 4294967040),
        [typeof(long)] = new Numbers<long>(long.MinValue, 9223371487098961920),
        [typeof(ulong)] = new Numbers<ulong>(ulong.MinValue, 18446742974197923840),
    };

    private NumberType(bool isWhole, float least, float most) => (IsWhole, Least, Most) = (isWhole, least, most);

    public bool IsWhole { get; }

    public float Least { get; }

    public float Most { get; }

    /// <summary>The type, or <c>null</c> where it holds no numbers.</summary>
    public static NumberType? Of(Type type) => _all.GetValueOrDefault(type);

    public abstract Delegate Scalar(float[] features, int feature);

    public abstract Delegate Vector(float[] features, int[] chosen);

    private sealed class Numbers<T> : NumberType
        where T : struct, INumber<T>
    {
        public Numbers(float least, float most)
            : base(typeof(T) != typeof(float) && typeof(T) != typeof(double), least, most)
        {
        }

        public override Delegate Scalar(float[] features, int feature) => (ValueGetter<T>)((ref T value) => value = T.CreateTruncating(features[feature]));

        public override Delegate Vector(float[] features, int[] chosen) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> vector) =>
        {
            VBufferEditor<T> editor = VBufferEditor.Create(ref vector, chosen.Length);
            for (int i = 0; i < chosen.Length; i++) editor.Values[i] = T.CreateTruncating(features[chosen[i]]);
            vector = editor.Commit();
        });
    }
}
