namespace Ueq.Onnx.Tests;

public sealed class DescriptionTests
{
    [Fact]
    public void AModelSaysWhatItIs()
    {
        OnnxDescription linear = Fixtures.Model("linear").Description;
        Assert.Equal(Fixtures.File("linear"), linear.Source);
        Assert.Equal("fixtures/onnx/make.py", linear.Producer);
        Assert.Equal(("linear", 3L, 7L), (linear.Graph, linear.ModelVersion, linear.IrVersion));
        Assert.Equal([new OnnxOperators("ai.onnx", 13), new OnnxOperators("ai.onnx.ml", 1)], linear.Operators);
        Assert.Equal("reg-diabetes", linear.Metadata["trained_on"]);
        Assert.Equal("'X' tensor(float) [?, 10]", Assert.Single(linear.Inputs).ToString());
        Assert.Equal("'Y' tensor(float) [?, 1]", Assert.Single(linear.Outputs).ToString());
    }

    [Fact]
    public void TypesAreInTheFormatsOwnWords()
    {
        Assert.Equal(["'label' tensor(int64) [?]", "'output_probability' seq(map(int64,tensor(float)))"], Fixtures.Model("zipmap").Description.Outputs.Select(o => o.ToString()));
        Assert.Equal("'output_probability' seq(map(string,tensor(float)))", Fixtures.Model("zipmap-text").Description.Outputs[1].ToString());
        Assert.Equal([3L, 10L], Fixtures.Model("batch-3").Description.Inputs[0].Shape!);
    }
}
