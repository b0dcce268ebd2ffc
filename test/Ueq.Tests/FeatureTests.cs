namespace Ueq.Tests;

public sealed class FeatureTests
{
    [Fact]
    public void AMatrixIsAViewOfItsRows()
    {
        float[] values = [1, 2, 3, 4, 5, 6];
        FeatureMatrix x = new(values, 2);
        Assert.Equal((3, 2), (x.Rows, x.Columns));
        Assert.Equal([3f, 4f], x.Row(1).ToArray());
        Assert.Equal([3f, 4f, 5f, 6f], x.Slice(1, 2).Values.ToArray());
        Assert.Equal([5f, 6f, 1f, 2f, 5f, 6f], x.Gather([2, 0, 2]).Values.ToArray());
        values[0] = 9;
        Assert.Equal(9, x.Row(0)[0]);
        Assert.Equal(0, x.Slice(3, 0).Rows);
    }

    [Fact]
    public void AMatrixOfNothingHasNoRows()
    {
        Assert.Equal((0, 0), (default(FeatureMatrix).Rows, default(FeatureMatrix).Columns));
        Assert.Equal(0, new FeatureMatrix(default, 5).Rows);
        Assert.Equal(5, new FeatureMatrix(default, 5).Columns);
    }

    [Fact]
    public void RowsThatAreNotWholeAreRefused()
    {
        Assert.Contains("got 5", Assert.Throws<ArgumentException>(() => new FeatureMatrix(new float[5], 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMatrix(new float[5], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMatrix(new float[5], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMatrix(new float[6], 2).Row(3).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeatureMatrix(new float[6], 2).Slice(2, 2));
    }

    [Fact]
    public void CategoriesBecomeOneFeatureEach()
    {
        FeatureSchema schema = new([new FeatureColumn("age"), new FeatureColumn("town") { Categories = ["Bern", "Ulm", "Graz"] }, new FeatureColumn("height")]);
        Assert.Equal((5, false), (schema.Width, schema.IsNumeric));
        Assert.Equal([0, 1, 4], Enumerable.Range(0, 3).Select(schema.Offset));
        Assert.Equal((1, -1, -1), (schema.CategoryIndex(1, "Ulm"), schema.CategoryIndex(1, "ulm"), schema.CategoryIndex(0, "Ulm")));
        Assert.True(FeatureSchema.Numeric(3).IsNumeric);
        Assert.False(new FeatureSchema([new FeatureColumn("a") { Categories = ["only"] }]).IsNumeric);
        Assert.Equal(0, FeatureSchema.Numeric(0).Width);
    }

    [Fact]
    public void SchemasThatMeanOtherFeaturesHaveOtherDigests()
    {
        FeatureSchema[] schemas =
        [
            FeatureSchema.Numeric(2), FeatureSchema.Numeric(3), FeatureSchema.Numeric(2, MissingValues.Allowed),
            new([new("f1"), new("f0")]), new([new("f0"), new("f1") { Categories = ["n"] }]), new([new("f0"), new("f1") { Categories = ["a", "b"] }]),
            new([new("f0"), new("f1") { Categories = ["b", "a"] }]), new([new("f0"), new("f1") { Categories = ["ab"] }]), new([new("f0\n2:f1")]),
        ];
        Assert.Equal(schemas.Length, schemas.Select(schema => schema.Digest).Distinct().Count());
        Assert.Equal(FeatureSchema.Numeric(2).Digest, new FeatureSchema([new("f0"), new("f1")]).Digest);
    }

    [Fact]
    public void NamesAndCategoriesThatRepeatAreRefused()
    {
        Assert.Contains("'a' twice", Assert.Throws<ArgumentException>(() => new FeatureSchema([new("a"), new("a")])).Message, StringComparison.Ordinal);
        Assert.Contains("'x' twice", Assert.Throws<ArgumentException>(() => new FeatureSchema([new("a") { Categories = ["x", "x"] }])).Message, StringComparison.Ordinal);
        Assert.Contains("got none", Assert.Throws<ArgumentException>(() => new FeatureSchema([new("a") { Categories = [] }])).Message, StringComparison.Ordinal);
        Assert.Contains("null", Assert.Throws<ArgumentException>(() => new FeatureSchema([new("a") { Categories = [null!] }])).Message, StringComparison.Ordinal);
        Assert.Contains("null", Assert.Throws<ArgumentException>(() => new FeatureSchema([null!])).Message, StringComparison.Ordinal);
    }
}
