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
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * The arrows of the house point one way: network, format, then contraction, initializer and
 * decomposition, then nn, then conversion.
 */
public class ArchitectureTest {

    private static final String ROOT = "io.github.djltcnn.";

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
        return new Object[][] {
            {
                "network",
                new String[] {
                    "format", "contraction", "initializer", "decomposition", "nn", "conversion"
                }
            },
            {
                "format",
                new String[] {"contraction", "initializer", "decomposition", "nn", "conversion"}
            },
            {"contraction", new String[] {"initializer", "decomposition", "nn", "conversion"}},
            {"decomposition", new String[] {"initializer", "nn", "conversion"}},
            {"nn", new String[] {"decomposition", "conversion"}},
        };
    }

    @Test(dataProvider = "arrows")
    public void arrowsPointOneWay(String from, String... forbidden) {
        for (String to : forbidden) {
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
                .matching(ROOT + "(*)..")
                .should()
                .beFreeOfCycles()
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
    public void theEngineIsKnownToOnePackageAtMost() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "engine..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl.pytorch..")
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
