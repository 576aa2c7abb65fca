/*
 * Copyright 2026 The djl-tcnn authors
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package io.github.djltcnn.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.testng.Assert;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * The packages depend on each other in one direction: network, format, then contraction,
 * initializer and decomposition, then nn, then the tree of blocks, then conversion, models,
 * batchnorm and training, which do not know each other, then checkpoint and finetuning.
 */
public class ArchitectureTest {

    private static final String ROOT = "io.github.djltcnn.";

    private static final int MAX_FILES = 25;

    private JavaClasses classes;

    /** Reads the compiled library. */
    @BeforeClass
    public void readClasses() {
        classes =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.github.djltcnn");
    }

    /** For each package those of ours that it must not know. */
    @DataProvider
    public Object[][] arrows() {
        String onBlocks = " statistics conversion models batchnorm training";
        String onModels = " checkpoint finetuning compression";
        String above = " nn blocks" + onBlocks + onModels;
        return new Object[][] {
            {
                "common",
                "network format contraction tuning runtime initializer decomposition" + above
            },
            {
                "network",
                "common format contraction tuning runtime initializer decomposition" + above
            },
            {"format", "contraction initializer decomposition" + above},
            {"contraction", "format tuning initializer decomposition" + above},
            {
                "contraction.internal.cost",
                "contraction.internal.search contraction.internal.execution"
                        + " contraction.internal.lowering contraction.internal.operations"
            },
            {
                "contraction.internal.search",
                "contraction.internal.execution contraction.internal.lowering"
                        + " contraction.internal.operations"
            },
            {
                "contraction.internal.execution",
                "contraction.internal.search contraction.internal.lowering"
                        + " contraction.internal.operations"
            },
            {"contraction.internal.lowering", "contraction.internal.operations"},
            {"tuning", "initializer decomposition" + above},
            {"runtime", "network format contraction tuning initializer" + above},
            {
                "algebra",
                "common network format contraction tuning runtime initializer decomposition" + above
            },
            {"initializer", "format contraction tuning decomposition" + above},
            {"decomposition", "contraction tuning initializer" + above},
            {
                "decomposition.internal.graph",
                "format decomposition.internal.svd decomposition.internal.als"
                        + " decomposition.internal.budget"
            },
            {
                "decomposition.internal.svd",
                "decomposition.internal.als decomposition.internal.budget"
            },
            {
                "decomposition.internal.als",
                "decomposition.internal.budget decomposition.internal.weighting"
            },
            {
                "decomposition.internal.weighting",
                "decomposition.internal.svd decomposition.internal.als decomposition.internal.budget"
            },
            {"statistics", "conversion models batchnorm training" + onModels},
            {"nn", "decomposition calibration initialization blocks" + onBlocks + onModels},
            {"calibration", "decomposition initialization" + onBlocks + onModels},
            {"initialization", "decomposition calibration" + onBlocks + onModels},
            {"blocks", (onBlocks + onModels).strip()},
            {"conversion", "models batchnorm training" + onModels},
            {"models", "conversion batchnorm training" + onModels},
            {"batchnorm", "conversion models training" + onModels},
            {"training", "conversion models batchnorm" + onModels},
            {"checkpoint", "conversion batchnorm finetuning compression"},
            {"finetuning", "conversion batchnorm compression"},
            {
                "export.internal.graph",
                "export.internal.operations export.internal.trace export.internal.write"
                        + " torchscript algebra common network format contraction tuning runtime"
                        + " initializer decomposition"
                        + above
            },
            {
                "export.internal.operations",
                "export.internal.trace export.internal.write torchscript algebra common network"
                        + " format contraction tuning runtime initializer decomposition"
                        + above
            },
            {"export.internal.trace", "export.internal.write torchscript"},
            {
                "export.internal.write",
                "export.internal.operations export.internal.trace contraction" + above
            },
        };
    }

    @Test(dataProvider = "arrows")
    public void arrowsPointOneWay(String from, String forbidden) {
        for (String to : forbidden.split(" ", -1)) {
            ArchRuleDefinition.noClasses()
                    .that()
                    .resideInAPackage(ROOT + from + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(ROOT + to + "..")
                    .allowEmptyShould(true)
                    .check(classes);
        }
    }

    @Test
    public void packagesHaveNoCycles() {
        SlicesRuleDefinition.slices()
                .matching(ROOT + "(**)")
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    /** Packages with rooms behind them. */
    @DataProvider
    public Object[][] fronts() {
        return new Object[][] {{"contraction"}, {"export"}, {"finetuning"}, {"compression"}};
    }

    /** A front knows what is behind it, and not the other way round. */
    @Test(dataProvider = "fronts")
    public void internalPackagesDoNotKnowTheirFront(String front) {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage(ROOT + front + ".internal..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + front)
                .check(classes);
    }

    @Test
    public void contractionInternalIsForItsNeighboursAlone() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackages(
                        ROOT + "contraction..",
                        ROOT + "nn..",
                        ROOT + "tuning..",
                        ROOT + "export..",
                        ROOT + "torchscript..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "contraction.internal..")
                .check(classes);
    }

    /** Who may use an internal package, besides the package that it is the inside of. */
    @DataProvider
    public Object[][] insides() {
        return new Object[][] {
            {"algebra.internal", new String[] {"initializer", "decomposition", "contraction"}},
            {"contraction.internal.operations", new String[] {}},
            {"tuning.internal", new String[] {}},
            {"format.internal", new String[] {"decomposition", "conversion"}},
            {"decomposition.internal.graph", new String[] {}},
            {"decomposition.internal.svd", new String[] {}},
            {"decomposition.internal.als", new String[] {}},
            {"decomposition.internal.budget", new String[] {"conversion"}},
            {"decomposition.internal.weighting", new String[] {}},
            {"statistics.internal", new String[] {"conversion"}},
            {"compression.internal", new String[] {}},
            {"export.internal", new String[] {}},
            {"finetuning.internal", new String[] {}},
        };
    }

    @Test(dataProvider = "insides")
    public void anInternalPackageIsForFew(String internal, String... users) {
        List<String> allowed = new ArrayList<>();
        allowed.add(ROOT + internal.substring(0, internal.indexOf('.')) + "..");
        for (String user : users) {
            allowed.add(ROOT + user + "..");
        }
        ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackages(allowed.toArray(new String[0]))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + internal + "..")
                .check(classes);
    }

    /** A package that takes no more files than one can look over. */
    @Test
    public void packagesAreSmall() {
        Map<String, Long> sizes =
                classes.stream()
                        .filter(c -> c.isTopLevelClass() && !c.getName().endsWith("package-info"))
                        .collect(
                                Collectors.groupingBy(
                                        JavaClass::getPackageName, Collectors.counting()));
        Assert.assertTrue(sizes.size() > 10, "read " + sizes);
        sizes.forEach((name, size) -> Assert.assertTrue(size <= MAX_FILES, name + " " + size));
    }

    /** One class reads what DJL keeps to itself; it has a test that says what has to exist. */
    @Test
    public void djlInternalsAreReadInOnePlace() {
        ArchRuleDefinition.noClasses()
                .that()
                .doNotHaveSimpleName("DjlInternals")
                .should()
                .callMethod(Field.class, "setAccessible", boolean.class)
                .orShould()
                .callMethod(AccessibleObject.class, "setAccessible", boolean.class)
                .check(classes);
    }

    @Test
    public void networksAndFormatsKnowOfDjlOnlyShapes() {
        DescribedPredicate<JavaClass> djlButShapes =
                DescribedPredicate.describe(
                        "are of DJL and not of its shapes",
                        c ->
                                c.getPackageName().startsWith("ai.djl")
                                        && !c.getPackageName().equals("ai.djl.ndarray.types"));
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAnyPackage(ROOT + "network..", ROOT + "format..")
                .should()
                .dependOnClassesThat(djlButShapes)
                .check(classes);
    }

    @Test
    public void theLibraryPrintsNothing() {
        ArchRuleDefinition.noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(classes);
    }
}
