namespace Ueq.HouseLaws;

public sealed class ProjectLawTests
{
    private static readonly string[] _rooms = [.. Repository.Projects("src").Select(p => p.Name)];

    [Fact]
    public void ArrowsBetweenRoomsPointOneWay() => Law.Holds(Repository.Projects("src").SelectMany(p => ProjectLaws.WrongArrows(p.Name, p.Text)));

    [Fact]
    public void TheCoreUsesOnlyItsTwoPackages() => Law.Holds(Repository.Projects("src").SelectMany(p => ProjectLaws.WrongPackages(p.Name, p.Text)));

    [Fact]
    public void PackageVersionsStandInOnePlace() =>
        Law.Holds(Repository.Projects("src").Concat(Repository.Projects("test")).SelectMany(p => ProjectLaws.OwnVersions(p.Name, p.Text)));

    [Fact]
    public void EveryRoomHasATestProject() => Law.Holds(ProjectLaws.Untested(_rooms, Repository.Projects("test").Select(p => p.Name)));

    [Fact]
    public void EveryProjectIsInTheSolution() =>
        Law.Holds(ProjectLaws.OutsideTheSolution(
            _rooms.Concat(Repository.Projects("test").Select(p => p.Name)), File.ReadAllText(Path.Combine(Repository.Root, "Ueq.slnx"))));

    [Fact]
    public void EveryLibraryKeepsItsPublicSurfaceInAFile() =>
        Law.Holds(ProjectLaws.WithoutPublicApi(_rooms.Where(r => r != "Ueq.Cli"), path => File.Exists(Path.Combine(Repository.Root, path))));

    [Fact]
    public void AWrongArrowIsSeen()
    {
        const string Project = """<Project><ItemGroup><ProjectReference Include="..\Ueq.Serving\Ueq.Serving.csproj" /></ItemGroup></Project>""";
        Assert.Contains("Ueq -> Ueq.Serving", Assert.Single(ProjectLaws.WrongArrows("Ueq", Project)));
        Assert.Empty(ProjectLaws.WrongArrows("Ueq.Cli", Project));
        Assert.Contains("not a room", Assert.Single(ProjectLaws.WrongArrows("Ueq.Extras", "<Project/>")));
    }

    [Fact]
    public void AWrongPackageIsSeen()
    {
        const string Project = """<Project><ItemGroup><PackageReference Include="YamlDotNet" /><PackageReference Include="MathNet.Numerics" /></ItemGroup></Project>""";
        Assert.Contains("YamlDotNet", Assert.Single(ProjectLaws.WrongPackages("Ueq", Project)));
        Assert.Empty(ProjectLaws.WrongPackages("Ueq.Serving", Project));
    }

    [Fact]
    public void AVersionOfItsOwnIsSeen()
    {
        Assert.Single(ProjectLaws.OwnVersions("P", """<Project><PackageReference Include="A" Version="1.0" /><PackageReference Include="B" /></Project>"""));
        Assert.Single(ProjectLaws.OwnVersions("P", """<Project><PackageReference Include="A"><Version>1.0</Version></PackageReference></Project>"""));
        Assert.Single(ProjectLaws.OwnVersions("P", """<Project><PackageReference Include="A" VersionOverride="1.0" /></Project>"""));
    }

    [Fact]
    public void AMissingTestProjectSolutionEntryOrSurfaceFileIsSeen()
    {
        Assert.Contains("test/Ueq.Data.Tests", Assert.Single(ProjectLaws.Untested(["Ueq", "Ueq.Data"], ["Ueq.Tests"])));
        Assert.Contains("B is not", Assert.Single(ProjectLaws.OutsideTheSolution(["A", "B"], """<Solution><Project Path="src/A/A.csproj" /></Solution>""")));
        Assert.Equal(2, ProjectLaws.WithoutPublicApi(["A"], _ => false).Count());
        Assert.Single(ProjectLaws.WithoutPublicApi(["A"], path => path.Contains("Unshipped", StringComparison.Ordinal)));
    }
}
