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
package io.github.djltcnn.common.internal;

import java.util.List;
import org.testng.Assert;
import org.testng.annotations.Test;

/** Tables as text, Markdown and comma-separated values. */
public class TextTableTest {

    private static TextTable table() {
        return new TextTable("layer", ">size").add("a, b", "7").add("say \"|\"\nno", "10");
    }

    @Test
    public void textIsAligned() {
        Assert.assertEquals(
                new TextTable("layer", ">size").add("stem", "7").add("x", "10").toString(),
                "layer  size\n-----  ----\nstem      7\nx        10\n");
    }

    @Test
    public void cellsOfCsvAreQuotedWhereTheyNeedIt() {
        Assert.assertEquals(table().toCsv(), "layer,size\n\"a, b\",7\n\"say \"\"|\"\"\nno\",10\n");
    }

    @Test
    public void cellsOfMarkdownStayOneCell() {
        Assert.assertEquals(
                table().toMarkdown().lines().toList(),
                List.of(
                        "| layer | size |",
                        "|---|---:|",
                        "| a, b | 7 |",
                        "| say \"\\|\" no | 10 |"));
    }

    @Test
    public void aRowHasACellPerColumn() {
        TextTable table = new TextTable("one", "two");
        Assert.assertThrows(IllegalArgumentException.class, () -> table.add("1"));
        Assert.assertEquals(TextTable.mebibytes(3 << 19), "1.50");
        Assert.assertEquals(TextTable.count(11689512), "11,689,512");
    }
}
