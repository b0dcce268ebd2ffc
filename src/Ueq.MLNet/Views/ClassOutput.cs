using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Views;

/// <summary>How a classification of ML.NET says its probabilities and its truth.</summary>
internal abstract class ClassOutput
{
    /// <summary>A vector of probabilities and a key: several classes.</summary>
    public static readonly ClassOutput Several = new SeveralClasses();

    /// <summary>The probability of yes and a Boolean: two classes.</summary>
    public static readonly ClassOutput Two = new TwoClasses();

    public abstract string DefaultColumn { get; }

    /// <summary>The column of probabilities, or an error that says what it is instead.</summary>
    public abstract DataViewSchema.Column ColumnOf(DataViewSchema scored, string name);

    public abstract void Check(SchemaShape.Column probability, SchemaShape.Column label);

    public abstract string[] ClassesOf(DataViewSchema.Column probability, DataViewSchema.Column label);

    /// <summary>The index of the true class, or −1 where it is missing.</summary>
    public abstract Func<int> Truth(DataViewRow row, DataViewSchema.Column label);

    /// <summary>A reader of the probability of each class; for one thread at a time.</summary>
    public abstract ProbabilityReader Open(DataViewRow row, DataViewSchema.Column probability);

    private sealed class SeveralClasses : ClassOutput
    {
        private const string ColumnType = "a vector of Single, the probabilities of several classes";
        private const string LabelType = "a key, as MapValueToKey makes it";

        public override string DefaultColumn => "Score";

        public override DataViewSchema.Column ColumnOf(DataViewSchema scored, string name)
        {
            DataViewSchema.Column column = Expect.Column(scored, name, "the probabilities");
            return column.Type is VectorDataViewType { IsKnownSize: true, Size: > 1 } vector && vector.ItemType == NumberDataViewType.Single
                ? column
                : throw Expect.WrongType(name, ColumnType, column.Type.ToString());
        }

        public override void Check(SchemaShape.Column probability, SchemaShape.Column label)
        {
            if (probability.Kind == SchemaShape.Column.VectorKind.Scalar || probability.ItemType != NumberDataViewType.Single)
                throw Expect.WrongType(probability.Name, ColumnType, $"{probability.Kind} of {probability.ItemType}");
            if (!label.IsKey) throw Expect.WrongType(label.Name, LabelType, label.ItemType.ToString());
        }

        public override string[] ClassesOf(DataViewSchema.Column probability, DataViewSchema.Column label)
        {
            int classes = ((VectorDataViewType)probability.Type).Size;
            if (label.Type is not KeyDataViewType key || key.RawType != typeof(uint)) throw Expect.WrongType(label.Name, LabelType, label.Type.ToString());
            if (key.Count != (ulong)classes) throw Expect.WrongType(label.Name, $"a key of {classes} classes, as many as '{probability.Name}' has", $"one of {key.Count}");
            return ClassNames.Of(probability, classes) ?? ClassNames.Of(label, classes) ?? [.. Enumerable.Range(0, classes).Select(k => k.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        }

        public override Func<int> Truth(DataViewRow row, DataViewSchema.Column label)
        {
            ValueGetter<uint> getter = row.GetGetter<uint>(label);
            uint key = 0;
            return () =>
            {
                getter(ref key);
                return (int)key - 1;
            };
        }

        public override ProbabilityReader Open(DataViewRow row, DataViewSchema.Column probability) =>
            new VectorReader(row.GetGetter<VBuffer<float>>(probability));
    }

    private sealed class TwoClasses : ClassOutput
    {
        private const string ColumnType = "Single, the probability of yes";
        private const string LabelType = "Boolean";

        public override string DefaultColumn => "Probability";

        public override DataViewSchema.Column ColumnOf(DataViewSchema scored, string name)
        {
            DataViewSchema.Column column = Expect.Column(scored, name, "the probability of yes");
            return column.Type == NumberDataViewType.Single ? column : throw Expect.WrongType(name, ColumnType, column.Type.ToString());
        }

        public override void Check(SchemaShape.Column probability, SchemaShape.Column label)
        {
            if (probability.Kind != SchemaShape.Column.VectorKind.Scalar || probability.ItemType != NumberDataViewType.Single)
                throw Expect.WrongType(probability.Name, ColumnType, $"{probability.Kind} of {probability.ItemType}");
            if (label.ItemType != BooleanDataViewType.Instance) throw Expect.WrongType(label.Name, LabelType, label.ItemType.ToString());
        }

        public override string[] ClassesOf(DataViewSchema.Column probability, DataViewSchema.Column label) => label.Type == BooleanDataViewType.Instance
            ? [bool.FalseString, bool.TrueString]
            : throw Expect.WrongType(label.Name, LabelType, label.Type.ToString());

        public override Func<int> Truth(DataViewRow row, DataViewSchema.Column label)
        {
            ValueGetter<bool> getter = row.GetGetter<bool>(label);
            bool yes = false;
            return () =>
            {
                getter(ref yes);
                return yes ? 1 : 0;
            };
        }

        public override ProbabilityReader Open(DataViewRow row, DataViewSchema.Column probability) => new YesReader(row.GetGetter<float>(probability));
    }
}
